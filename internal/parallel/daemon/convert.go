package daemon

import (
	"errors"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/controller"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

type block = memory.Block

// blocksOf makes blocks of memory.
func blocksOf(all [][]byte) []*block {
	var blocks []*block
	for _, b := range all {
		blocks = append(blocks, memory.Of(b))
	}
	return blocks
}

// jobOf is the job that a program asked for.
func jobOf(s *cluster.Submission) backend.Job {
	targets := s.Targets
	if s.All {
		targets = nil
	} else if targets == nil {
		targets = []int{}
	}
	return backend.Job{
		Function: registry.Call{Function: &registry.Function{Info: registry.Info{Name: s.Function, Label: s.Shown}}},
		Items:    s.Items, Targets: targets, Chunk: s.Chunk, Direct: s.Direct, Applied: s.Applied, Pinned: s.Pinned, Why: s.Why, Label: s.Label,
		Priority: s.Priority, Retries: s.Retries, Backoff: s.Backoff, Timeout: s.Timeout, StopAtError: s.StopAtError, Once: s.Once, Most: s.Most,
	}
}

// failureOf is a failure as it travels. The item's number is counted from the offset.
func failureOf(offset int, f backend.Failure) cluster.Failure {
	c := cluster.Failure{Item: offset + f.Item, Engine: f.Engine, Panic: f.Panic, Value: f.Value, Stack: f.Stack, Death: f.Death}
	var foreign *controller.Foreign
	if errors.As(f.Err, &foreign) {
		c.Error = foreign.Data
	} else if f.Err != nil {
		c.Error = codec.EncodeError(f.Err)
	}
	return c
}
