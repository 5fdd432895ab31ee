px_unit_test(test_facts)
px_unit_test(test_flush tsan)
