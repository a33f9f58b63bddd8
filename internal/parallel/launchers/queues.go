package launchers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// GridEngine is a launcher for Grid Engine in its kinds (SGE, Son of Grid Engine, Univa, Altair). It submits one array, of which each
// task has a node's engines.
type GridEngine struct {
	// Queue, Project and ParallelEnvironment are what -q, -P and -pe name. The parallel environment gives each task
	// a slot for each engine; without one it has one slot.
	Queue, Project, ParallelEnvironment string
	// EnginesPerNode is how many engines each task has; 0 means 1.
	EnginesPerNode int
	// Time is how long each task may run. A minute before that, or a quarter of Time, engines begin nothing new.
	Time time.Duration
	// Extra are further flags: "-l h_vmem=4G".
	Extra []string
	// Prologue, Template and Folder are as in [Slurm].
	Prologue, Template, Folder string
}

// PerNode returns EnginesPerNode.
func (g GridEngine) PerNode(n int) (int, error) {
	return Batch{EnginesPerNode: g.EnginesPerNode}.PerNode(n)
}

// Launch submits the array.
func (g GridEngine) Launch(ctx context.Context, o backend.Order) (backend.Allocation, error) {
	f := flags{sign: "#$ "}
	f.add("-q ", g.Queue)
	f.add("-P ", g.Project)
	if g.ParallelEnvironment != "" {
		f.add("-pe ", fmt.Sprintf("%s %d", g.ParallelEnvironment, o.Engines))
	}
	if g.Time > 0 {
		f.add("-l ", fmt.Sprintf("h_rt=%d,s_rt=%d", seconds(g.Time), seconds(g.Time-min(time.Minute, g.Time/4))))
	}
	script, err := f.script(gridScript, g.Template, g.Prologue, g.Extra)
	if err != nil {
		return nil, err
	}
	return Batch{
		System: "Grid Engine", Script: script, Folder: g.Folder, First: 1,
		Submit: []string{"qsub", "-terse"}, JobID: `(?m)^([0-9]+)`,
		Query:   []string{"qstat", "-g", "d"},
		State:   `^\s*(?P<job>[0-9]+)\s+\S+\s+\S+\s+\S+\s+(?P<state>[A-Za-z]+)\s+\S+\s+\S+\s+(?:\S+@(?P<where>\S+)\s+)?[0-9]+\s+(?P<index>[0-9]+)\s*$`,
		Pending: []string{"qw", "hqw", "hRqw", "Rq"}, Running: []string{"r", "t", "Rr", "Rt", "s", "ts", "S", "tS", "T", "dr", "dt", "dRr"},
		Ended:  []string{"Eqw", "Ehqw", "EhRqw"},
		Cancel: []string{"qdel", "{jobs}"}, CancelOne: []string{"qdel", "{job}", "-t", "{index}"}, CancelNamed: []string{"qdel", "{name}"}, None: "does not exist",
		Explain: []string{"sh", "-c", "qstat -j {job} 2>/dev/null | grep '^error reason' || qacct -j {job} -t {index}"},
		Why:     `(?m)^error reason +[0-9]+: +(.*)$|^(failed +[^0 ].*|exit_status +[^0 ].*)$`,
	}.Launch(ctx, o)
}

// gridScript is what Grid Engine runs for each task.
const gridScript = `#!/bin/bash
#$ -S /bin/bash
#$ -N {{.Name}}
#$ -t {{.First}}-{{.Last}}
#$ -o {{.Folder}}/out.$TASK_ID
#$ -j y
#$ -r n
#$ -notify
FLAGS
PROLOGUEexec env {{.Variable}} {{.Program}} < {{.Folder}}/ticket.$SGE_TASK_ID
`

// Queue is what PBS, LSF and HTCondor can be asked for. Those launchers were written after the systems' documentation
// and tested with scripts in the place of their commands, not on a cluster: where a site differs, start from [Batch].
type Queue struct {
	// Name and Account are those of the queue and of who pays.
	Name, Account string
	// EnginesPerNode is how many engines each job of the array has; 0 means 1. It has as many processors.
	EnginesPerNode int
	// Memory is in MiB, for each job of the array.
	Memory int
	// Time is how long each job may run.
	Time time.Duration
	// Extra, Prologue, Template and Folder are as in [Slurm]. HTCondor has no prologue.
	Extra                      []string
	Prologue, Template, Folder string
}

// described is a launcher that is a [Batch] for each order.
type described struct {
	queue Queue
	batch func(o backend.Order) (Batch, error)
}

// PerNode returns EnginesPerNode.
func (d described) PerNode(n int) (int, error) {
	return Batch{EnginesPerNode: d.queue.EnginesPerNode}.PerNode(n)
}

// Launch submits the array.
func (d described) Launch(ctx context.Context, o backend.Order) (backend.Allocation, error) {
	b, err := d.batch(o)
	if err != nil {
		return nil, err
	}
	b.Folder = d.queue.Folder
	return b.Launch(ctx, o)
}

// PBS is a launcher for PBS Professional and OpenPBS. It has not run on a cluster yet: see [Queue].
func PBS(q Queue) backend.Launcher {
	return described{q, func(o backend.Order) (Batch, error) {
		f := flags{sign: "#PBS "}
		f.add("-q ", q.Name)
		f.add("-A ", q.Account)
		resources := fmt.Sprintf("select=1:ncpus=%d", o.Engines)
		if q.Memory > 0 {
			resources += fmt.Sprintf(":mem=%dmb", q.Memory)
		}
		f.add("-l ", resources)
		if q.Time > 0 {
			f.add("-l walltime=", fmt.Sprint(seconds(q.Time)))
		}
		if o.Nodes > 1 { // an array has at least two elements
			f.add("-J ", fmt.Sprintf("0-%d", o.Nodes-1))
		}
		script, err := f.script(pbsScript, q.Template, q.Prologue, q.Extra)
		return Batch{
			System: "PBS", Script: script,
			Submit: []string{"qsub"}, JobID: `(?m)^([0-9]+)`,
			Query:   []string{"qstat", "-t"},
			State:   `^(?P<job>[0-9]+)(?:\[(?P<index>[0-9]+)\])?\.?\S*\s+\S+\s+\S+\s+\S+\s+(?P<state>[A-Z])\s+\S+\s*$`,
			Pending: []string{"Q", "H", "W", "T"}, Running: []string{"R", "E", "S", "U", "B"}, Ended: []string{"F", "X", "C"},
			Cancel: []string{"sh", "-c", "qdel '{jobs}[]' 2>/dev/null || qdel {jobs}"}, CancelOne: []string{"qdel", "{job}[{index}]"},
			CancelNamed: []string{"sh", "-c", "qselect -N {name} | xargs -r qdel"},
		}, err
	}}
}

// pbsScript is what PBS runs for each element. PBS numbers the files of output itself, so the script has its own.
const pbsScript = `#!/bin/bash
#PBS -N {{.Name}}
#PBS -r n
#PBS -j oe
#PBS -o /dev/null
FLAGS
exec >> {{.Folder}}/out.${PBS_ARRAY_INDEX:-0} 2>&1
PROLOGUEexec env {{.Variable}} {{.Program}} < {{.Folder}}/ticket.${PBS_ARRAY_INDEX:-0}
`

// LSF is a launcher for IBM Spectrum LSF. It has not run on a cluster yet: see [Queue].
func LSF(q Queue) backend.Launcher {
	return described{q, func(o backend.Order) (Batch, error) {
		f := flags{sign: "#BSUB "}
		f.add("-q ", q.Name)
		f.add("-P ", q.Account)
		f.add("-n ", fmt.Sprint(o.Engines))
		f.add("-R ", `"span[hosts=1]"`)
		if q.Memory > 0 {
			f.add("-M ", fmt.Sprintf("%dMB", q.Memory))
		}
		if q.Time > 0 {
			f.add("-W ", fmt.Sprint(int((q.Time+time.Minute-1)/time.Minute)))
		}
		script, err := f.script(lsfScript, q.Template, q.Prologue, q.Extra)
		return Batch{
			System: "LSF", Script: script, First: 1,
			Submit: []string{"bsub"}, JobID: `Job <([0-9]+)>`,
			Query:   []string{"sh", "-c", `bjobs -a -noheader -o "jobid jobindex stat exec_host delimiter='|'" $(echo {jobs} | tr , ' ')`},
			State:   `^(?P<job>[0-9]+)\|(?P<index>[0-9]+)\|(?P<state>[A-Z]+)\|(?P<where>\S*)$`,
			Unknown: "is not found",
			Pending: []string{"PEND", "PSUSP", "WAIT", "PROV"}, Running: []string{"RUN", "USUSP", "SSUSP"}, Ended: []string{"DONE", "EXIT", "ZOMBI"},
			Cancel: []string{"bkill", "{jobs}"}, CancelOne: []string{"bkill", "{job}[{index}]"}, CancelNamed: []string{"bkill", "-J", "{name}", "0"}, None: "No (matching|unfinished) job found",
		}, err
	}}
}

// lsfScript is what LSF runs for each element.
const lsfScript = `#!/bin/bash
#BSUB -J "{{.Name}}[{{.First}}-{{.Last}}]"
#BSUB -o {{.Folder}}/out.%I
#BSUB -rn
FLAGS
PROLOGUEexec env {{.Variable}} {{.Program}} < {{.Folder}}/ticket.$LSB_JOBINDEX
`

// HTCondor is a launcher for HTCondor. It has not run on a pool yet: see [Queue].
func HTCondor(q Queue) backend.Launcher {
	return described{q, func(o backend.Order) (Batch, error) {
		if q.Prologue != "" || q.Name != "" {
			return Batch{}, errors.New("HTCondor has no queues by name, and runs the program without a shell: Name and Prologue have no place")
		}
		f := flags{}
		f.add("accounting_group = ", q.Account)
		f.add("request_cpus = ", fmt.Sprint(o.Engines))
		if q.Memory > 0 {
			f.add("request_memory = ", fmt.Sprint(q.Memory))
		}
		if q.Time > 0 {
			f.add("allowed_execute_duration = ", fmt.Sprint(seconds(q.Time)))
		}
		script, err := f.script(condorScript, q.Template, "", q.Extra)
		return Batch{
			System: "HTCondor", Script: script,
			Submit: []string{"condor_submit", "-terse"}, JobID: `(?m)^([0-9]+)`,
			Query:   []string{"sh", "-c", `condor_q $(echo {jobs} | tr , ' ') -nobatch -af ClusterId ProcId JobStatus RemoteHost HoldReason`},
			State:   `^(?P<job>[0-9]+) (?P<index>[0-9]+) (?P<state>[0-9]) (?P<where>\S+) (?P<reason>.*)$`,
			Pending: []string{"1"}, Running: []string{"2", "6", "7"}, Ended: []string{"3", "4", "5"},
			Cancel: []string{"condor_rm", "{jobs}"}, CancelOne: []string{"condor_rm", "{job}.{index}"},
			CancelNamed: []string{"condor_rm", "-constraint", `JobBatchName == "{name}"`}, None: "no jobs",
		}, err
	}}
}

// condorScript describes the jobs.
const condorScript = `batch_name = {{.Name}}
executable = {{.Program}}
input = {{.Folder}}/ticket.$(Process)
output = {{.Folder}}/out.$(Process)
error = {{.Folder}}/out.$(Process)
environment = "{{.Variable}}"
should_transfer_files = NO
kill_sig = SIGTERM
FLAGS
queue {{.Nodes}}
`

// flags are lines of a script that ask for something.
type flags struct {
	sign  string // that such lines begin with
	lines []string
}

// add adds a flag, unless its value is empty.
func (f *flags) add(name, value string) {
	if value != "" {
		f.lines = append(f.lines, name+value)
	}
}

// script puts the flags, and the user's own lines, into a script, unless the user has one.
func (f *flags) script(script, users, before string, extra []string) (string, error) {
	all := append(f.lines, extra...)
	for _, line := range all {
		if strings.ContainsAny(line, "\n\r") {
			return "", fmt.Errorf("%q is no flag, but several lines", line)
		}
	}
	text := ""
	if len(all) > 0 {
		text = f.sign + strings.Join(all, "\n"+f.sign)
	}
	return cmp.Or(users, strings.NewReplacer("FLAGS", escape(text), "PROLOGUE", escape(prologue(before))).Replace(script)), nil
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
