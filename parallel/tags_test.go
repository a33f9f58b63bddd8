package parallel

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTagsChooseEngines runs calls on the engines that have something, before and after one of them was killed.
func TestTagsChooseEngines(t *testing.T) {
	rc := start(t, 3)
	for tag, ids := range map[string][]int{"big": {2, 0}, "quick": {1, 2}, "nothing": nil} {
		if err := rc.Tag(tag, ids...); err != nil {
			t.Fatal(err)
		}
	}
	if err := rc.Tag("big", 7); err == nil || !strings.Contains(err.Error(), `no engine 7 to be tagged "big"`) {
		t.Error(err)
	}
	got := fmt.Sprint(rc.Tagged("big"), rc.Tagged("big", "quick"), rc.Tagged("big", "nothing"), rc.Tagged("unknown"), rc.Tagged())
	if got != "[0 2] [2] [] [] []" {
		t.Error(got)
	}
	on := func() []int {
		ys, err := rc.LoadBalanced(rc.Tagged("big")...).MapSync(says, make([]printing, 40), ChunkSize(1))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(ys)
		return slices.Compact(ys)
	}
	if got := on(); slices.Contains(got, 1) {
		t.Error(got)
	}
	killEngine(rc, 2)
	for end := time.Now().Add(20 * time.Second); len(rc.IDs()) < 3 && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if got := on(); slices.Contains(got, 1) {
		t.Error(got)
	}
	if ids, err := rc.Targets(rc.Tagged("big", "quick")...).Apply1Sync(says, printing{}); err != nil || !slices.Equal(ids, []int{2}) {
		t.Error(ids, err)
	}
	if _, err := rc.LoadBalanced(rc.Tagged("unknown")...).MapSync(says, make([]printing, 4)); err == nil || !strings.Contains(err.Error(), "the view has no engines") {
		t.Error(err)
	}
}
