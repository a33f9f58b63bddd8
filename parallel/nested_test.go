package parallel

import (
	"context"
	"strings"
	"testing"
)

// nested tries what an engine must not: to start engines, and to use those of its caller.
var nested = FuncErr("nested", func(n int) (int, error) {
	rc, err := Start(context.Background(), n)
	if err == nil {
		rc.Close()
	}
	return n, err
})

// TestNestedCallsAreRefused says why a function on an engine uses no engines.
func TestNestedCallsAreRefused(t *testing.T) {
	rc := start(t, 2)
	_, err := rc.LoadBalanced().MapErrSync(nested, []int{1})
	if err == nil || !strings.Contains(err.Error(), "this process is an engine, and engines do not start engines") {
		t.Error(err)
	}
	// A view that a function would capture, or get, cannot travel.
	err = rc.All().Push("view", rc.LoadBalanced())
	if err == nil || !strings.Contains(err.Error(), "is a view or a client, and those belong to the process that started the engines") {
		t.Error(err)
	}
	err = rc.All().Push("client", rc)
	if err == nil || !strings.Contains(err.Error(), "a function that runs on an engine cannot use engines") {
		t.Error(err)
	}
}
