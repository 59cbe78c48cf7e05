# SPDX-License-Identifier: Apache-2.0
# Puts the code blocks of a page where their heads say (```sql services/registry/queries.sql): an rpc among those of the
# file's first service, anything else at the end of the file, which is made when it is missing. Prints the paths.
/^```[a-z]+ [a-z]/ { path = $2; piece = ""; next }
/^```$/ && path { put(path, piece); print path; path = "" }
path { piece = piece $0 "\n" }

function put(path, piece,    line, text, is_rpc, n) {
	is_rpc = piece ~ /(^|\n)  rpc /
	while ((n = (getline line <path)) > 0) {
		text = text line "\n"
		if (is_rpc && line ~ /^service /) {
			text = text piece
			is_rpc = 0
			piece = ""
		}
	}
	close(path)
	printf "%s", text piece >path
	close(path)
}
