# SPDX-License-Identifier: MIT
px_unit_test(test_recipe)
px_unit_test(test_recipe_json)
px_unit_test(test_provenance)
px_unit_test(test_carry)
px_unit_test(test_exporter tsan)
px_unit_test(test_rendition)
px_unit_test(test_picture)
