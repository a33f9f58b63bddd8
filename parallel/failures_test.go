package parallel

import (
	"context"
	"slices"
	"sync"
	"testing"
)

// Any number of goroutines may ask a call that has ended for its failures. The race detector says where one of them
// changes what others read.
func TestFailuresAreReadByMany(t *testing.T) {
	rc, err := Start(context.Background(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	for name, r := range map[string]*AsyncResult[int]{
		"engines":      rc.LoadBalanced().Map(never, many(40, 1), ChunkSize(1)),
		"this process": Local().Map(never, many(40, 1)),
	} {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				failures := r.call.Failures()
				var items []int
				for _, f := range failures {
					items = append(items, f.Item)
				}
				if len(items) != 40 || !slices.IsSorted(items) {
					t.Errorf("%s: items %v have failed", name, items)
				}
			})
		}
		group.Wait()
	}
}
