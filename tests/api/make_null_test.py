#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a C program that calls every public function without arguments: those that can fail say PIXAZO_E_ARGUMENT and
touch nothing, the others give "" or 0 and free nothing. Usage: make_null_test.py PREFIX"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "abi"))

import headers as public  # noqa: E402

# These succeed without any argument but a place for the result, or fail for a reason of their own.
MAKERS = {"pixazo_blob_new", "pixazo_blob_new_nocopy", "pixazo_cancel_new", "pixazo_client_new", "pixazo_config_new",
          "pixazo_exporter_new", "pixazo_gate_new", "pixazo_log_new", "pixazo_metrics_new", "pixazo_providers_to_json", "pixazo_query_new", "pixazo_recipe_new",
          "pixazo_request_new", "pixazo_store_new_memory"}
# An error is what they are about; no argument is missing.
NOT_ASKED = {"pixazo_error_set"}
# What NULL gives, where it is not "", 0 or NULL.
GIVES = {"pixazo_pipeline_fd": "-1", "pixazo_config_get": "NULL", "pixazo_request_get_string": "NULL",
         "pixazo_generation_image_seed": "-1", "pixazo_rendition_notes": '"[]"', "pixazo_rendition_quality": "-1",
         "pixazo_picture_metadata": '"{}"', "pixazo_picture_orientation": "1"}
NUMBERS = ("int32_t", "int64_t", "uint32_t", "uint64_t", "size_t")


def is_out(parameter):
    return re.fullmatch(r"(?!const )(pixazo_\w+|char) \*\*\w+", parameter) and not parameter.startswith("pixazo_error")


def arguments(function, with_out):
    for parameter in function.parameters:
        if parameter.startswith("pixazo_error **"):
            yield "&error"
        elif is_out(parameter) and with_out:
            yield "(void *)&out"
        elif "*" in parameter or re.match(r"(pixazo_\w+_fn) ", parameter):
            yield "NULL"
        else:
            yield "0"


def failing(function):
    for with_out in (False, True):
        if with_out and (function.name in MAKERS or not any(is_out(p) for p in function.parameters)):
            continue
        call = f"{function.name}({', '.join(arguments(function, with_out))})"
        if any(p.startswith("pixazo_error **") for p in function.parameters):
            yield f"  FAILS(PIXAZO_E_ARGUMENT, {call});\n"
        else:
            yield f"  CHECK({call} == PIXAZO_E_ARGUMENT);\n"
        if with_out:
            yield "  CHECK(out == UNTOUCHED);\n"


def giving(function):
    call = f"{function.name}({', '.join(arguments(function, False))})"
    expected = GIVES.get(function.name)
    if function.result == "void":
        yield f"  {call};\n"
    elif expected and not expected.startswith('"'):
        yield f"  CHECK({call} == {expected});\n"
    elif function.result == "const char *":
        expected = expected or '""'
        yield f"  CHECK_TEXT({call}, {expected});\n"
    elif function.result in (*NUMBERS, "pixazo_status") or "*" in function.result:
        yield f"  CHECK({call} == 0);\n"
    else:
        raise SystemExit(f"{function.name} gives a {function.result}: say what it gives for NULL")


def main():
    interface = public.parse(Path(sys.argv[1]))
    body = ""
    count = 0
    for function in interface.functions:
        if function.name in NOT_ASKED or not any("*" in p for p in function.parameters):
            continue
        getter = function.result != "pixazo_status" or function.name == "pixazo_error_status"
        body += "".join(giving(function) if getter else failing(function))
        count += 1
    print('/* Written by make_null_test.py. */\n#include "check.h"\n\nint main(void)\n{\n  void *out = UNTOUCHED;')
    print(body + "  return api_end();\n}")
    return 0 if count > 100 else 1


if __name__ == "__main__":
    sys.exit(main())
