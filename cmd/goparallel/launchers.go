package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/daemon"
	"github.com/goparallel/goparallel/parallel"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// engineFlags are those that say where the engines of a cluster come from, and how many.
type engineFlags struct {
	set *pflag.FlagSet

	slurm, sge, pbs, lsf, condor bool
	hosts                        []string
	batch                        path

	s           parallel.Slurm
	queue       string
	project     string
	environment string
	sshOptions  []string
	template    path
	folder      path

	start backend.Options
}

// systems are the flags that choose a system, with those that each understands.
var systems = map[string][]string{
	"slurm":    {"partition", "account", "qos", "constraint", "nodes", "engines-per-node", "cpus", "memory", "time", "gpus", "drain", "flag", "prologue", "template", "folder", "no-folder"},
	"ssh":      {"engines-per-node", "ssh-option"},
	"sge":      {"queue", "project", "parallel-environment", "engines-per-node", "time", "flag", "prologue", "template", "folder"},
	"pbs":      {"queue", "account", "engines-per-node", "memory", "time", "flag", "prologue", "template", "folder"},
	"lsf":      {"queue", "account", "engines-per-node", "memory", "time", "flag", "prologue", "template", "folder"},
	"htcondor": {"account", "engines-per-node", "memory", "time", "flag", "template", "folder"},
	"batch":    {"engines-per-node", "template", "folder"},
}

// engineFlagsOf adds the flags to a command.
func engineFlagsOf(cmd *cobra.Command) *engineFlags {
	e := &engineFlags{set: cmd.Flags()}
	f := e.set
	f.BoolVar(&e.slurm, "slurm", false, "engines are jobs of Slurm")
	f.StringSliceVar(&e.hosts, "ssh", nil, "engines are on these `hosts`, by ssh's names, divided by commas")
	f.BoolVar(&e.sge, "sge", false, "engines are jobs of Grid Engine")
	f.BoolVar(&e.pbs, "pbs", false, "engines are jobs of PBS")
	f.BoolVar(&e.lsf, "lsf", false, "engines are jobs of LSF")
	f.BoolVar(&e.condor, "htcondor", false, "engines are jobs of HTCondor")
	f.Var(&e.batch, "batch", "engines are jobs of a system that this JSON `file` describes, with the fields of parallel.Batch")

	f.StringVar(&e.s.Partition, "partition", "", "Slurm's partition")
	f.StringVar(&e.queue, "queue", "", "the queue of Grid Engine, PBS or LSF")
	f.StringVar(&e.s.Account, "account", "", "who pays")
	f.StringVar(&e.project, "project", "", "Grid Engine's project")
	f.StringVar(&e.environment, "parallel-environment", "", "Grid Engine's parallel environment, of which a job has a slot for each engine")
	f.StringVar(&e.s.QOS, "qos", "", "Slurm's quality of service")
	f.StringVar(&e.s.Constraint, "constraint", "", "what Slurm's nodes must have")
	f.IntVar(&e.s.Nodes, "nodes", 0, "how many nodes share a program's engines")
	f.IntVar(&e.s.EnginesPerNode, "engines-per-node", 0, "how many engines a node has (default: 1; of ssh, equal shares)")
	f.IntVar(&e.s.CPUs, "cpus", 0, "processors of a node's engines together (default: one each)")
	f.IntVar(&e.s.Memory, "memory", 0, "`MiB` for each node")
	f.DurationVar(&e.s.Time, "time", 0, "how long each node may run")
	f.StringVar(&e.s.GPUs, "gpus", "", "graphics processors of each node, as Slurm has it: a100:1")
	f.DurationVar(&e.s.Drain, "drain", 0, "how long before the end of its time a node begins nothing new (default: a minute)")
	f.StringArrayVar(&e.s.Extra, "flag", nil, "a further `flag` of the system, such as --flag=--exclusive; may be repeated")
	f.StringVar(&e.s.Prologue, "prologue", "", "`lines` that the shell runs on each node before the engines: module load gcc")
	f.Var(&e.template, "template", "a `file` that takes the place of the system's script; see docs/clusters.md")
	f.Var(&e.folder, "folder", "a `folder` that all nodes see at the same path (default: in ~/.cache)")
	f.BoolVar(&e.s.NoFolder, "no-folder", false, "Slurm's nodes share no folder with this machine: srun brings them what they need")
	f.StringArrayVar(&e.sshOptions, "ssh-option", nil, "a further `argument` of ssh, with absolute paths; may be repeated")

	f.StringVar(&e.start.Listen, "listen", "", "where engines of other machines connect: `host:port`, or a range of ports, :7000-7099")
	f.IntVar(&e.start.AtLeast, "at-least", 0, "how many engines must be there before a program is let in (default: all)")
	f.IntVar(&e.start.Adapt.Min, "least", 1, "the fewest engines of a program; of use with --most")
	f.IntVar(&e.start.Adapt.Max, "most", 0, "let a program have more engines while its work needs them, up to so many")
	f.DurationVar(&e.start.Adapt.Idle, "idle", time.Minute, "how long engines without work stay; of use with --most")
	return e
}

// path is a flag for a file or folder. The controller of a cluster is elsewhere, so it is made absolute.
type path string

func (p *path) String() string { return string(*p) }
func (p *path) Type() string   { return "path" }
func (p *path) Set(text string) (err error) {
	text, err = filepath.Abs(text)
	*p = path(text)
	return err
}

// complete puts what the flags say into the options of a cluster.
func (e *engineFlags) complete(o *daemon.Options) (err error) {
	if o.Start, err = e.options(); err != nil || o.Start.Launcher == nil {
		return err
	}
	if o.Engines == 0 { // the processors of this machine say nothing of others'
		if o.Engines = max(e.s.Nodes, len(e.hosts)) * e.s.EnginesPerNode; o.Engines == 0 {
			return errors.New("say how many engines each program is given: -n")
		}
	}
	_, err = o.Start.Launcher.PerNode(o.Engines)
	return err
}

// options are what the flags say.
func (e *engineFlags) options() (backend.Options, error) {
	o := e.start
	if o.Adapt.Max == 0 {
		o.Adapt = backend.Adaptation{}
	}
	chosen := ""
	for name := range systems {
		if e.set.Changed(name) {
			if chosen != "" {
				return o, fmt.Errorf("engines cannot come from both --%s and --%s", min(chosen, name), max(chosen, name))
			}
			chosen = name
		}
	}
	var problem error
	e.set.Visit(func(f *pflag.Flag) {
		_, system := systems[f.Name]
		known := false
		for _, flags := range systems {
			known = known || slices.Contains(flags, f.Name)
		}
		switch {
		case system, slices.Contains(systems[chosen], f.Name):
		case chosen == "" && (known || f.Name == "listen"):
			problem = errors.Join(problem, fmt.Errorf("--%s is about engines on other machines: say which system has them, --slurm, --ssh, --sge, --pbs, --lsf, --htcondor or --batch", f.Name))
		case known:
			problem = errors.Join(problem, fmt.Errorf("--%s has no meaning with --%s", f.Name, chosen))
		}
	})
	if problem != nil || chosen == "" {
		return o, problem
	}
	var err error
	o.Launcher, err = e.launcher(chosen)
	return o, err
}

// launcher is what the flags say of a system.
func (e *engineFlags) launcher(system string) (parallel.Launcher, error) {
	s := e.s
	s.Folder = string(e.folder)
	if e.template != "" {
		text, err := os.ReadFile(string(e.template))
		if err != nil {
			return nil, fmt.Errorf("--template: %w", err)
		}
		s.Template = string(text)
	}
	q := parallel.Queue{
		Name: e.queue, Account: s.Account, EnginesPerNode: s.EnginesPerNode, Memory: s.Memory, Time: s.Time,
		Extra: s.Extra, Prologue: s.Prologue, Template: s.Template, Folder: s.Folder,
	}
	switch system {
	case "slurm":
		return s, nil
	case "ssh":
		return parallel.SSH{Hosts: e.hosts, EnginesPerHost: s.EnginesPerNode, Options: e.sshOptions}, nil
	case "sge":
		return parallel.GridEngine{
			Queue: e.queue, Project: e.project, ParallelEnvironment: e.environment, EnginesPerNode: s.EnginesPerNode, Time: s.Time,
			Extra: s.Extra, Prologue: s.Prologue, Template: s.Template, Folder: s.Folder,
		}, nil
	case "pbs":
		return parallel.PBS(q), nil
	case "lsf":
		return parallel.LSF(q), nil
	case "htcondor":
		return parallel.HTCondor(q), nil
	}
	text, err := os.ReadFile(string(e.batch))
	if err != nil {
		return nil, fmt.Errorf("--batch: %w", err)
	}
	var b parallel.Batch
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&b); err != nil {
		return nil, fmt.Errorf("--batch: %s does not describe a batch system: %w", e.batch, err)
	}
	b.EnginesPerNode, b.Script, b.Folder = cmp.Or(s.EnginesPerNode, b.EnginesPerNode), cmp.Or(s.Template, b.Script), cmp.Or(s.Folder, b.Folder)
	if len(b.Submit) == 0 || len(b.Query) == 0 || len(b.Cancel) == 0 || len(b.CancelOne) == 0 || b.Script == "" || b.JobID == "" || b.State == "" {
		return nil, fmt.Errorf("--batch: %s must have Submit, JobID, Query, State, Cancel, CancelOne and, unless there is a --template, Script", e.batch)
	}
	return b, nil
}
