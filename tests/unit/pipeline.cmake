px_unit_test(test_facts)
px_unit_test(test_review)
px_unit_test(test_flush tsan)

# The rest work a whole pipeline, step by step.
add_library(px_stepped STATIC ../pipeline/kit.c ../pipeline/stepped.c)
target_link_libraries(px_stepped PRIVATE px_test_support px_internal PkgConfig::CMOCKA)
foreach(file call door ending ends event events item jobs keep pipeline pipeline_retry resume run scheduler sweep timers decide
  measure alert pipeline_replay waking reviewing quarantine)
  px_unit_test(test_${file})
  target_link_libraries(test_${file} PRIVATE px_stepped px_test_support px_internal)
endforeach()
