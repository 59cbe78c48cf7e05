# SPDX-License-Identifier: Apache-2.0
# mz_service(NAME): the program of services/NAME from its folder alone (design: facts.proto schema/ queries.sql methods.c rules.c).
