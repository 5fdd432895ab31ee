#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a C program that gives every size-first struct of the headers in all ages to the library: as an older
program would, as a newer one would, and with sizes that cannot be right. Usage: make_options_test.py PREFIX"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "abi"))

import headers as public  # noqa: E402

HEAD = """/* Written by make_options_test.py. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void check(int good, const char *what, const char *when)
{
  if (!good) {
    fprintf(stderr, "%s: %s\\n", what, when);
    failures++;
  }
}

/* The init function writes exactly `size` bytes: its size, then zeros. */
static void check_init(const char *name, void (*init)(void *, size_t), size_t size)
{
  unsigned char bytes[4096];
  size_t written;
  memset(bytes, 0xEE, sizeof bytes);
  init(bytes, size);
  memcpy(&written, bytes, sizeof written);
  check(written == size, name, "struct_size is wrong after init");
  for (size_t i = sizeof written; i < sizeof bytes; i++) {
    if (bytes[i] != (i < size ? 0 : 0xEE)) {
      check(0, name, "init wrote something else than zeros within its size");
      return;
    }
  }
}

static void check_ages(const char *name, int32_t (*call)(const void *), size_t size)
{
  static const size_t wrong[] = {0, 1, 7, 4097, (size_t)1 << 40, SIZE_MAX};
  unsigned char *future = calloc(1, size + 64);
  size_t given = size + 64;
  memcpy(future, &given, sizeof given);
  check(call(future) != PIXAZO_E_ABI, name, "a newer struct with a zero tail was refused");
  future[size] = 1;
  check(call(future) == PIXAZO_E_ABI, name, "a used tail was accepted");
  future[size] = 0;
  future[size + 63] = 1;
  check(call(future) == PIXAZO_E_ABI, name, "a used last byte was accepted");
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    size_t *only = malloc(sizeof *only);
    *only = wrong[i];
    check(call(only) == PIXAZO_E_ABI, name, "an impossible size was accepted");
    free(only);
  }
  size_t *past = malloc(sizeof *past); /* the very first version: nothing but its size */
  *past = sizeof *past;
  check(call(past) != PIXAZO_E_ABI, name, "an older struct was refused");
  free(past);
  free(future);
}

"""


def options_parameter(function, structs):
    for parameter in function.parameters:
        match = re.fullmatch(r"const (pixazo_\w+_options) \*\w+", parameter)
        if match and match.group(1) in structs:
            return match.group(1)
    return None


def argument(parameter, struct, directory):
    """(declaration, expression, clean-up) for one parameter, or None when it cannot be made up."""
    if parameter.startswith(f"const {struct} *"):
        return "", "options", ""
    if re.fullmatch(r"pixazo_error \*\*\w+", parameter):
        return "", "NULL", ""
    out = re.fullmatch(r"(pixazo_\w+) \*\*(\w+)", parameter)
    if out:
        release = {"pixazo_studio": "pixazo_studio_close(%s, NULL)"}.get(out.group(1))
        return f"  {out.group(1)} *{out.group(2)} = NULL;\n", f"&{out.group(2)}", (out.group(1), out.group(2), release)
    if re.fullmatch(r"const char \*\w+", parameter):
        return "", f'"{directory}"', ""
    return None


def releaser(interface, kind):
    names = {f.name for f in interface.functions}
    return next((f"{kind}_{verb}" for verb in ("unref", "free") if f"{kind}_{verb}" in names), None)


def calls(interface, structs):
    for function in interface.functions:
        struct = options_parameter(function, structs)
        if not struct or function.result != "pixazo_status":
            continue
        parts = [argument(p, struct, "/dev/null/none") for p in function.parameters]
        if any(part is None for part in parts):
            continue
        declarations = "".join(part[0] for part in parts)
        release = ""
        for part in parts:
            if part[2]:
                freeing = releaser(interface, part[2][0])
                if freeing:
                    release += f"  if ({part[2][1]})\n    {freeing}({part[2][1]});\n"
        yield (function.name, struct, f"static int32_t call_{function.name}(const void *options)\n{{\n{declarations}"
               f"  int32_t status = {function.name}({', '.join(part[1] for part in parts)});\n{release}  return status;\n}}\n\n")


def main():
    interface = public.parse(Path(sys.argv[1]))
    names = {f.name for f in interface.functions}
    sized = [s.name for s in interface.structs if s.fields[0][0] == "struct_size" and f"{s.name}_init" in names]
    text = "".join(f"#include <pixazo/{p.name}>\n" for p in public.public_headers(sys.argv[1])) + HEAD
    body = ""
    for name in sized:
        text += f"static void init_{name}(void *target, size_t size)\n{{\n  {name}_init(target, size);\n}}\n\n"
        body += f'  check_init("{name}", init_{name}, sizeof({name}));\n'
        body += f'  check_init("{name}", init_{name}, sizeof({name}) + 64);\n'
        body += f'  check_init("{name}", init_{name}, sizeof(size_t));\n'
    for name, struct, code in calls(interface, set(sized)):
        text += code
        body += f'  check_ages("{name}", call_{name}, sizeof({struct}));\n'
    print(text + "int main(void)\n{\n" + body + "  return failures ? 1 : 0;\n}")
    return 0 if sized else 1


if __name__ == "__main__":
    sys.exit(main())
