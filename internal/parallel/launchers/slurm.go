package launchers

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Slurm is a launcher for clusters that Slurm runs. It submits one array of jobs, of which each element
// has one node, or the part of one that is asked for, and runs one task there, which has the node's engines. The program that submits
// must run where sbatch does, on a login node or in a job, and the nodes must reach it at one of its addresses: see Listen
// in package parallel.
//
// A field that is zero leaves its flag out, since some sites refuse some.
type Slurm struct {
	// Partition, Account, QOS and Constraint are the flags of these names.
	Partition, Account, QOS, Constraint string
	// Nodes is the number of nodes, among which engines are divided evenly. EnginesPerNode is how many each has. One of the
	// two is enough; where both are 0, each node has one engine.
	Nodes, EnginesPerNode int
	// CPUs is how many processors a node's engines have together; 0 asks for one each, a negative number for nothing.
	CPUs int
	// Memory is in MiB, for each node.
	Memory int
	// Time is how long each node may run, rounded up to minutes.
	Time time.Duration
	// GPUs is for each node: "2", "a100:1".
	GPUs string
	// Drain is how long before the end of Time engines begin nothing new; 0 means a minute, or a quarter of Time where
	// that is less.
	Drain time.Duration
	// Extra are further flags: "--exclusive", "--mail-type=END".
	Extra []string
	// Prologue is run by the shell on each node before the engines: "module load gcc". Where it fails, so does the node.
	Prologue string
	// Template is a text/template for a [Job] that takes the place of the whole script.
	Template string
	// Folder is a folder that all nodes see at the same path; "" means ~/.cache/goparallel.
	Folder string
	// NoFolder is for clusters whose nodes share no folder with this machine: the program and the tickets reach each node over srun's own connection, the
	// program once and by its content. Each node is a job of its own then, and there is an srun for it here as long as it runs. Folder and
	// Template have no meaning.
	NoFolder bool
}

// PerNode divides the engines among the nodes.
func (s Slurm) PerNode(n int) (int, error) {
	if s.Nodes < 0 || s.EnginesPerNode < 0 {
		return 0, fmt.Errorf("Slurm.Nodes is %d and Slurm.EnginesPerNode %d", s.Nodes, s.EnginesPerNode)
	}
	switch {
	case s.Nodes == 0:
		return max(1, s.EnginesPerNode), nil
	case s.EnginesPerNode == 0:
		return (n + s.Nodes - 1) / s.Nodes, nil
	case n > s.Nodes*s.EnginesPerNode:
		return 0, fmt.Errorf("%d nodes of %d engines each have %d", s.Nodes, s.EnginesPerNode, s.Nodes*s.EnginesPerNode)
	}
	return s.EnginesPerNode, nil
}

// States of jobs, in Slurm's words. One that is requeued waits again, and what comes is another process.
var (
	slurmPending = []string{"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"}
	slurmRunning = []string{"RUNNING", "SUSPENDED", "STOPPED", "RESIZING", "SIGNALING", "STAGE_OUT", "COMPLETING"}
	slurmEnded   = []string{"COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE", "REVOKED"}
)

// Launch submits the array.
func (s Slurm) Launch(ctx context.Context, o backend.Order) (backend.Allocation, error) {
	if s.NoFolder {
		return s.run(ctx, o)
	}
	b, err := s.batch(o.Engines)
	if err != nil {
		return nil, err
	}
	return b.Launch(ctx, o)
}

// batch describes Slurm for nodes of so many engines.
func (s Slurm) batch(engines int) (Batch, error) {
	b := Batch{
		System: "Slurm",
		Submit: []string{"sbatch", "--parsable"}, JobID: `(?m)^([0-9]+)`,
		Query:   []string{"squeue", "--noheader", "--array", "--states=all", "--jobs={jobs}", "--format=%i|%T|%r|%N"},
		State:   `^(?P<job>[0-9]+)_(?P<index>[0-9]+)\|(?P<state>[A-Z_]+)\|(?P<reason>[^|]*)\|(?P<where>[^|]*)$`,
		Unknown: "Invalid job id",
		Pending: slurmPending, Running: slurmRunning, Ended: slurmEnded,
		Cancel: []string{"scancel", "{jobs}"}, CancelOne: []string{"scancel", "{job}_{index}"}, CancelNamed: []string{"scancel", "--name={name}"},
		// The queue shows how the job ended, and a step's end may be another: that of a task that had too much memory.
		Explain: []string{"sacct", "--noheader", "--parsable2", "--jobs={job}_{index}", "--format=State,ExitCode"},
		Why:     `(?m)^((?:OUT_OF_MEMORY|NODE_FAIL|TIMEOUT|PREEMPTED|FAILED)\|[0-9:]+)$`,
		Folder:  s.Folder,
	}
	f, err := s.flags(engines)
	if err != nil {
		return b, err
	}
	f.sign = "#SBATCH --"
	b.Script, err = f.script(strings.ReplaceAll(slurmScript, "SRUN", beside("sbatch", "srun")), s.Template, s.Prologue, nil)
	return b, err
}

// flags are those of sbatch and srun, without what they begin with, for nodes of so many engines.
func (s Slurm) flags(engines int) (f flags, err error) {
	f.add("partition=", s.Partition)
	f.add("account=", s.Account)
	f.add("qos=", s.QOS)
	f.add("constraint=", s.Constraint)
	f.add("gpus-per-node=", s.GPUs)
	if s.Memory > 0 {
		f.add("mem=", fmt.Sprintf("%dM", s.Memory))
	}
	if cpus := cmp.Or(s.CPUs, engines); cpus > 0 {
		f.add("cpus-per-task=", fmt.Sprint(cpus))
	}
	drain := time.Minute
	if s.Time > 0 {
		f.add("time=", fmt.Sprint(int((s.Time+time.Minute-1)/time.Minute)))
		drain = min(drain, s.Time/4)
	}
	f.add("signal=", fmt.Sprintf("TERM@%d", max(1, seconds(cmp.Or(s.Drain, drain)))))
	for _, flag := range s.Extra {
		name, ok := strings.CutPrefix(flag, "--")
		if !ok {
			return f, fmt.Errorf("%q in Slurm.Extra is no flag: those begin with --", flag)
		}
		f.lines = append(f.lines, name)
	}
	return f, nil
}

// slurmScript is what Slurm runs for each element. Variables of who submits stay where they are; srun passes on those
// of the script. It takes the script's place, so that the job ends as the node does; no engine's end ends others.
const slurmScript = `#!/bin/bash
#SBATCH --job-name={{.Name}}
#SBATCH --array={{.First}}-{{.Last}}
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --output={{.Folder}}/out.%a
#SBATCH --open-mode=append
#SBATCH --no-requeue
#SBATCH --export=NONE
FLAGS
PROLOGUEexport {{.Variable}}
exec SRUN --ntasks=1 --export=ALL --kill-on-bad-exit=0 --unbuffered {{.Program}} < {{.Folder}}/ticket.$SLURM_ARRAY_TASK_ID
`

// prologue is a part of a script that ends it with an error where the user's lines fail, or where the node is another
// machine than the program is for: what a shell says of such a program does not tell.
func prologue(lines string) (text string) {
	if strings.TrimSpace(lines) != "" {
		text = "{\n" + strings.TrimRight(lines, "\n") + "\n} || { echo \"goparallel: the prologue failed with status $?\" >&2; exit 70; }\n"
	}
	if want := thisMachine(); want != "" {
		text += `machine="$(uname -s) $(uname -m)"` + "\n" + `[ "$machine" = "` + want + `" ] || { echo "goparallel: the node $(uname -n) is $machine, and this program runs on ` + want + `: ask for such nodes" >&2; exit 70; }` + "\n"
	}
	return text
}

// escape keeps a text from being read as a template.
func escape(text string) string { return strings.ReplaceAll(text, "{{", "{{`{{`}}") }

// beside is the path of a command that lies beside another one, which this machine has: the nodes may have
// neither in their PATH.
func beside(known, other string) string {
	if path, err := exec.LookPath(known); err == nil {
		path = filepath.Join(filepath.Dir(path), other)
		if _, err := exec.LookPath(path); err == nil && plain.MatchString(path) {
			return path
		}
	}
	return other
}
