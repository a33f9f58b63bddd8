# failed.awk – of what `go test -v` printed, what belongs to tests that failed or never ended, and what belongs to no test.
/^=== (RUN|NAME|CONT) / { test = $3; next }
/^=== PAUSE / { next }
/^ *--- (PASS|SKIP): / { delete printed[$3]; test = ""; next }
/^ *--- FAIL: / { printf "%s%s\n", printed[$3], $0; delete printed[$3]; test = ""; next }
/^(PASS|FAIL)$/ || /^\?/ { next }
/^(ok  |FAIL)\t/ {
  if ($1 == "FAIL") { for (each in printed) printf "%s", printed[each]; print }
  delete printed; test = ""; next
}
test != "" { printed[test] = printed[test] $0 "\n"; next }
{ print }
