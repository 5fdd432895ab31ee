# SPDX-License-Identifier: MIT
px_unit_test(test_scan)
px_unit_test(test_json)
px_unit_test(test_writer)
px_unit_test(test_stream)
px_unit_test(test_safety_json)
px_unit_test(test_terms_json)
px_unit_test(test_place)
px_unit_test(test_metrics_json)
