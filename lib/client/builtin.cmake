# SPDX-License-Identifier: MIT
# Run at build time: cmake -D OUT=file -D FILES=a.json,b.json -P builtin.cmake
# Writes the table of definitions: a row is a name and a text, a line of it a C string. C promises 4095 bytes of one; the
# compilers this is built with take any length.
string(REPLACE "," ";" files "${FILES}")
set(rows "")
foreach(file ${files})
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\"" text "${text}")
  string(APPEND rows "{\"${name}\",\n\"${text}\"},\n")
endforeach()
file(WRITE "${OUT}" "#include \"client/builtin.h\"\n
#pragma GCC diagnostic ignored \"-Woverlength-strings\"
const px_builtin px_builtin_rows[] = {\n${rows}};
const size_t px_builtin_row_count = sizeof px_builtin_rows / sizeof *px_builtin_rows;\n")
