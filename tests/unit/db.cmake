# SPDX-License-Identifier: MIT
foreach(test db)
  px_unit_test(test_${test} tsan)
endforeach()
foreach(test statement expand migrate sqlite sqlite_dialect)
  px_unit_test(test_${test})
endforeach()
