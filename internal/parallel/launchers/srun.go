package launchers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Slurm's nodes that share no folder with this machine are reached as hosts are by ssh: srun brings standard input to the node and the node's output here, over Slurm's
// own connections.

// runs are nodes of which each is the one task of an srun. A keeper cancels them by their name when this process is gone: a killed srun cancels nothing.
type runs struct {
	children
	batch  Batch // for its commands and what is written down
	name   string
	noted  string
	keeper *keeper

	mu    sync.Mutex
	jobs  []string // by node, "" until it is known
	queue *queue
}

// nodeHome is what comes before arrival: jobs have no variables of who submits, and nodes may have no home that can be written.
const nodeHome = `PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
export PATH HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
echo "goparallel runs in job $SLURM_JOB_ID"
mkdir -p "${XDG_CACHE_HOME:-$HOME/.cache}/goparallel" 2>/dev/null && [ -w "${XDG_CACHE_HOME:-$HOME/.cache}/goparallel" ] || export XDG_CACHE_HOME="${TMPDIR:-/tmp}/goparallel-$(id -u)"
`

// srunLine is what srun, or the script, says of a job's number.
var srunLine = regexp.MustCompile(`^(?:srun:|goparallel runs in) job ([0-9]+)\b`)

// run starts an srun for each node.
func (s Slurm) run(ctx context.Context, o backend.Order) (_ backend.Allocation, err error) {
	if s.Template != "" || s.Folder != "" {
		return nil, errors.New("Slurm.Folder and Slurm.Template have no meaning with Slurm.NoFolder")
	}
	srun, err := exec.LookPath("srun")
	if err != nil {
		return nil, fmt.Errorf("this machine cannot submit jobs to Slurm: %w; run the program on a login node", err)
	}
	f, err := s.flags(o.Engines)
	if err != nil {
		return nil, err
	}
	args := []string{srun, "--job-name=" + o.Name, "--nodes=1", "--ntasks=1", "--export=NONE", "--kill-on-bad-exit=0", "--unbuffered", "--chdir=/"}
	for _, flag := range f.lines {
		args = append(args, "--"+flag)
	}
	p, err := openProgram(o.Program)
	if err != nil {
		return nil, err
	}
	b, err := s.batch(o.Engines)
	if err != nil {
		p.file.Close()
		return nil, err
	}
	b.State = strings.Replace(b.State, `_(?P<index>[0-9]+)`, "(?P<index>)", 1) // jobs that are no arrays
	r := &runs{batch: b, name: o.Name, jobs: make([]string, o.Nodes)}
	left := make(chan struct{}, o.Nodes)
	begun := 0
	defer func() {
		go func() { // the file is open until all have read it, or have ended
			defer p.file.Close()
			for range begun {
				<-left
			}
		}()
		if err != nil {
			r.Stop(context.WithoutCancel(ctx))
		}
	}()
	if r.noted, err = note(b, o.Name, ""); err != nil {
		return nil, err
	}
	if r.keeper, err = keep("", r.noted, b.None, replaced(b.CancelNamed, "{name}", o.Name)); err != nil {
		return nil, err
	}
	before := prologue(s.Prologue)
	if before != "" {
		before = "{\n" + before + "} < /dev/null\n"
	}
	script := arrivalOf(p, nodeHome+strings.Replace(arrival, "exec env", before+"exec env", 1))
	for i := range o.Nodes {
		v := newVisit(0)
		if v.child, err = newChild("a job named "+o.Name, append(args, "/bin/sh", "-c", script), commandEnvironment(), func(line string) {
			if m := srunLine.FindStringSubmatch(line); m != nil {
				r.begins(i, m[1])
			}
			v.hear(line)
		}); err != nil {
			return nil, err
		}
		r.children = append(r.children, v.child)
		begun++
		go func() {
			defer func() { left <- struct{}{} }()
			v.arrive(o, i, p, func() backend.TicketOptions { return backend.TicketOptions{} })
		}()
	}
	return r, nil
}

// begins notes a node's job.
func (r *runs) begins(node int, job string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobs[node] != "" {
		return
	}
	r.jobs[node] = job
	if q, err := join(r.batch, job); err == nil {
		r.queue = q
	}
}

// Poll says what has become of the nodes, and of those that wait why.
func (r *runs) Poll(ctx context.Context) ([]backend.NodeState, error) {
	states, err := r.children.Poll(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range states {
		job := r.jobs[i]
		if job == "" {
			continue
		}
		states[i].Name = "job " + job
		if states[i].Phase != backend.NodePending {
			continue
		}
		list, _, err := r.queue.states(ctx, job, queryEvery)
		if err != nil {
			return nil, err
		}
		if s, ok := list[element{job, r.batch.First}]; ok && s.Phase == backend.NodePending {
			states[i].Reason = s.Reason
		}
	}
	return states, err
}

// Stop ends nodes, or all. What waits is cancelled: srun does not end with its input.
func (r *runs) Stop(ctx context.Context, nodes ...int) error {
	all := len(nodes) == 0
	var errs []error
	cancel := func(flags ...string) {
		_, err := command(ctx, append([]string{"scancel", "--quiet", "--name=" + r.name}, flags...), nil)
		errs = append(errs, err)
	}
	if all {
		cancel("--state=PENDING")
	} else {
		r.mu.Lock()
		for _, i := range nodes {
			if r.jobs[i] != "" {
				cancel("--state=PENDING", r.jobs[i])
			}
		}
		r.mu.Unlock()
	}
	errs = append(errs, r.children.Stop(ctx, nodes...))
	if !all {
		return errors.Join(errs...)
	}
	cancel() // what had no chance to end
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, job := range r.jobs {
		if r.queue != nil && job != "" {
			r.queue.leave(job)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err // the keeper tries again when this process ends
	}
	if r.noted != "" {
		os.Remove(r.noted)
	}
	if r.keeper != nil {
		r.keeper.leave()
		r.keeper = nil
	}
	return nil
}
