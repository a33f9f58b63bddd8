package parallel

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAdaptReplacesLostNodes, one of several and then all, while calls run and wait: nothing is lost with them, and views of all engines mean those that
// are there.
func TestAdaptReplacesLostNodes(t *testing.T) {
	var out, errs buffer
	rc := onNodes(t, 4, 2, Adapt(4, 4, time.Minute), Output(&out, &errs))
	_, nodes := nodesOf(t, rc)
	r := rc.LoadBalanced().Map(napped, many(300, 50), ChunkSize(1))
	syscall.Kill(nodes[0], syscall.SIGKILL)
	awaitSo(t, func() bool { ids := rc.IDs(); return len(ids) == 4 && ids[0] == 2 && ids[3] == 5 })
	if ys, err := r.Get(); err != nil || len(ys) != 300 {
		t.Fatal(len(ys), err)
	}
	awaitSo(t, func() bool { return rc.All().Push("n", 1) == nil }) // the engines that are gone are members until it is known why
	if _, err := rc.Targets(0).MapSync(pow10, []int{1}); err == nil || !strings.Contains(err.Error(), "its node is gone: node 0 on ") || !strings.Contains(err.Error(), "signal: killed") {
		t.Error(err)
	}
	_, nodes = nodesOf(t, rc)
	r = rc.LoadBalanced().Map(napped, many(300, 50), ChunkSize(1))
	for _, node := range nodes {
		syscall.Kill(node, syscall.SIGKILL)
	}
	if ys, err := r.Get(); err != nil || len(ys) != 300 {
		t.Fatal(len(ys), err)
	}
	if said := errs.peek(); strings.Count(said, "is gone") != 3 || strings.Count(said, "no more engines for now, the next attempt is in 15s: node ") != 1 {
		t.Errorf("%q", said)
	}
}
