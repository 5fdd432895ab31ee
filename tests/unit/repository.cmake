# SPDX-License-Identifier: MIT
foreach(test state schema views legacy journal journal_begin journal_end take_over standing ledger repository_gate stat
  worker
             query select page edit report check records repository search budgets costs quotas repository_quota
             budget_list repository_replay)
  px_unit_test(test_${test})
endforeach()
px_unit_test(test_budget tsan)
