package prometheus

import (
	"context"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/parallel"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestMain(m *testing.M) { parallel.TestMain(m) }

var double = parallel.Func("double", func(x int) int { return 2 * x })

// TestMetrics runs a call of known size and reads what a scrape would.
func TestMetrics(t *testing.T) {
	r := prometheus.NewRegistry()
	rc, err := parallel.Start(context.Background(), 2, parallel.Observe(nil, New(r)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rc.Targets(1).MapSync(double, []int{1, 2, 3, 4}, parallel.ChunkSize(2)); err != nil {
		t.Fatal(err)
	}
	if err := rc.Close(); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`# HELP goparallel_engine_starts_total Processes that connected.
# TYPE goparallel_engine_starts_total counter
goparallel_engine_starts_total{engine="0"} 1
goparallel_engine_starts_total{engine="1"} 1
`, `# HELP goparallel_items_total Items whose frames were answered.
# TYPE goparallel_items_total counter
goparallel_items_total{engine="1"} 4
`, `# HELP goparallel_calls_total Calls that began.
# TYPE goparallel_calls_total counter
goparallel_calls_total{engine=""} 1
`,
	} {
		name := strings.Fields(part)[2]
		if err := testutil.GatherAndCompare(r, strings.NewReader(part), name); err != nil {
			t.Error(err)
		}
	}
	if n, err := testutil.GatherAndCount(r, "goparallel_frame_run_seconds"); err != nil || n != 1 {
		t.Error(n, err)
	}
}
