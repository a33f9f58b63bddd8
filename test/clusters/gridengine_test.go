package clusters

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// gridEngine is a launcher for a Grid Engine that runs.
func gridEngine(t *testing.T) parallel.GridEngine {
	t.Helper()
	if os.Getenv("SGE_ROOT") == "" {
		t.Skip("there is no Grid Engine: test/clusters.sh starts one")
	}
	folder, err := os.MkdirTemp("/tmp", "goparallel-jobs-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return parallel.GridEngine{Folder: folder}
}

// noTasks checks that the queue is empty.
func noTasks(t *testing.T) {
	t.Helper()
	await(t, 30*time.Second, func() string { return run(t, "qstat") })
	awaitNone(t, 10*time.Second)
}

func TestGridEngine(t *testing.T) {
	g := gridEngine(t)
	g.Queue, g.ParallelEnvironment, g.EnginesPerNode, g.Time, g.Prologue = "all.q", "smp", 2, time.Hour, "export GOPARALLEL_TEST_PROLOGUE='a b'"
	rc, out := start(t, 3, g)
	all := engines(t, rc)
	if all[0].Node != all[1].Node || all[1].Node == all[2].Node || fmt.Sprint(all[0].Variables) != "[GOPARALLEL_TEST_PROLOGUE=a b]" {
		t.Error(all)
	}
	maps(t, rc)
	secretTasks(t, g.Folder)
	r := rc.LoadBalanced().Map(nap, many(60, 50), parallel.ChunkSize(1))
	time.Sleep(200 * time.Millisecond)
	run(t, "kill", "-9", fmt.Sprint(all[0].Node))
	if ys, err := r.Get(); err != nil || len(ys) != 60 {
		t.Error(len(ys), err)
	}
	await(t, 30*time.Second, func() string {
		if said := out.String(); !strings.Contains(said, "is gone") || !strings.Contains(said, "_1 on ") {
			return "not said in: " + said
		}
		return ""
	})
	if err := rc.Close(); err != nil {
		t.Error(err)
	}
	noTasks(t)
}

// secretTasks looks for a ticket where others see it.
func secretTasks(t *testing.T, folder string) {
	t.Helper()
	seen := run(t, "bash", "-c", "qstat -j '*'; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")
	key := run(t, "bash", "-c", "grep -ho '\"Key\":\".\\{60\\}' "+folder+"/goparallel-*/ticket.* | head -1 | cut -c8-")
	if len(key) < 40 || strings.Contains(seen, key) {
		t.Error("a key is seen by others, or there is none")
	}
}

func TestGridEngineRefusals(t *testing.T) {
	g := gridEngine(t)
	bad := g
	bad.Queue = "nope.q"
	refused(t, 1, bad, "qsub", "nope.q")
	bad = g
	bad.Prologue = "echo no such module; false"
	refused(t, 1, bad, "ended before it connected", "no such module", "the prologue failed")
	// A job in error sits in the queue for ever.
	bad = g
	bad.Template = "#!/bin/bash\n#$ -S /none/such -t {{.First}}-{{.Last}} -o {{.Folder}}/out.$TASK_ID -j y\n"
	refused(t, 1, bad, "ended before it connected", "Eqw", "/none/such")
	noTasks(t)
}
