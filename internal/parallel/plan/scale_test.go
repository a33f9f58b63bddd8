package plan

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/plan/shapes"
)

// twoLevels simulates a controller whose engines are groups, each with a controller and its share of the engines.
func twoLevels(t *testing.T, config Config, groups int, costs []float64, mean float64) *world {
	t.Helper()
	inner, outer := config, config
	inner.Engines, outer.Engines = config.Engines/groups, groups
	outer.Cost.Mean = mean / float64(inner.Engines)
	return simulateOver(t, outer, costs, func(costs []float64) float64 {
		inner.Items = len(costs)
		return simulate(t, inner, costs).now
	})
}

// scaleTable shows how well many engines are used by one controller, and by two levels of them.
func scaleTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString(scalePreface)
	for _, mean := range []float64{10e3, 100e3, 1e6} {
		for _, engines := range []int{64, 256, 1024, 4096} {
			const items, overhead = 1_000_000, 100 * time.Microsecond
			costs := scaled(logNormal(t), items, mean)
			config := Config{Items: items, Engines: engines, Overhead: overhead, Cost: Cost{mean, items}}
			best := ideal(config, costs)
			one := simulate(t, config, costs)
			two := twoLevels(t, config, int(math.Sqrt(float64(engines))), costs, mean)
			fmt.Fprintf(&b, "| %v | %d | %.3g s | %.2f | %.2f | %.2f |\n", time.Duration(mean), engines, best/1e9, best/one.now, one.handling/one.now, best/two.now)
		}
	}
	return b.String()
}

// logNormal is the shape of that name.
func logNormal(t *testing.T) shapes.Shape {
	for _, s := range shapes.All {
		if s.Name == "log-normal" {
			return s
		}
	}
	t.Fatal("there is no such shape")
	return shapes.Shape{}
}

const scalePreface = `
## Where one controller is busy all the time

10⁶ items, log-normal, of calls that came before; a frame costs 100 µs, of which 25 are the controller's. "Used" is what nobody can beat divided by the call's time;
"busy" is the part of it in which the controller works. With two levels there is a controller for each group, of which there are as many as a group has engines; the one above them sees groups as engines, and a group ends a frame before it
begins the next. So two levels are not built: whatever they save above, groups lose more at the ends of frames, but for thousands of engines and items of some microseconds,
which belong on fewer engines.

| an item takes | engines | nobody can beat | used | controller busy | used, two levels |
|--:|--:|--:|--:|--:|--:|
`
