-- SPDX-License-Identifier: Apache-2.0
-- Who runs a rescue point or an alliance, when another organisation does on the bureau's behalf.
-- migrate:up
ALTER TABLE facility ADD operator_uscc text NOT NULL DEFAULT '';
-- migrate:down
ALTER TABLE facility DROP operator_uscc;
