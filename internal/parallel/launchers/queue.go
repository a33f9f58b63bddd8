package launchers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/process"
)

// queryEvery is how often a queue is looked at: those who run batch systems count the queries of all
// their users.
const queryEvery = 10 * time.Second

// firstQuery is how long after a job was submitted its system has made up its mind: many have begun or failed by
// then.
const firstQuery = 3 * time.Second

// maxPause is the longest pause between queries that fail.
const maxPause = 2 * time.Minute

// element is one of an array.
type element struct {
	job   string
	index int
}

// queue is what this process knows of the jobs of a batch system. All clusters share it, so that there is one query for all.
type queue struct {
	batch          Batch // for its commands
	state, unknown *regexp.Regexp

	mu    sync.Mutex
	jobs  map[string]bool // true once they were asked for
	list  map[element]backend.NodeState
	err   error     // of the last query
	next  time.Time // when there may be another one
	pause time.Duration
}

var queues = struct {
	sync.Mutex
	all map[string]*queue // by command
}{all: map[string]*queue{}}

// join has a job looked after.
func join(b Batch, job string) (*queue, error) {
	queues.Lock()
	defer queues.Unlock()
	key := strings.Join(append(slices.Clone(b.Query), b.State), "\x00")
	q := queues.all[key]
	if q == nil {
		state, err := regexp.Compile(b.State)
		if err != nil {
			return nil, err
		}
		unknown, err := regexp.Compile(b.Unknown)
		if err != nil {
			return nil, err
		}
		q = &queue{batch: b, state: state, unknown: unknown, jobs: map[string]bool{}}
		queues.all[key] = q
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs[job] = false
	if soon := time.Now().Add(firstQuery); len(q.jobs) == 1 || q.pause == 0 && soon.Before(q.next) {
		q.next = soon
	}
	return q, nil
}

// leave has a job looked after no longer.
func (q *queue) leave(job string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.jobs, job)
}

// states returns the elements of all jobs that the system lists, as they were no longer ago than every, or
// than the pause after queries that have failed. It is not known yet of a job that was never asked for.
func (q *queue) states(ctx context.Context, job string, every time.Duration) (list map[element]backend.NodeState, known bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if every > 0 && time.Now().Before(q.next) {
		return q.list, q.jobs[job], q.err
	}
	list, err = q.query(ctx)
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	if err != nil {
		q.pause = min(maxPause, max(2*q.pause, every))
	} else {
		q.pause = 0
		for job := range q.jobs {
			q.jobs[job] = true
		}
	}
	q.list, q.err, q.next = list, err, time.Now().Add(max(every, q.pause))
	return q.list, q.jobs[job], q.err
}

// query asks the system.
func (q *queue) query(ctx context.Context) (map[element]backend.NodeState, error) {
	b := q.batch
	jobs := strings.Join(slices.Sorted(maps.Keys(q.jobs)), ",")
	out, err := command(ctx, replaced(b.Query, "{jobs}", jobs), nil)
	var failed *commandError
	if errors.As(err, &failed) && b.Unknown != "" && q.unknown.MatchString(failed.said) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list := map[element]backend.NodeState{}
	group := func(found []string, name string) string {
		if i := q.state.SubexpIndex(name); i >= 0 {
			return found[i]
		}
		return ""
	}
	for line := range strings.Lines(out) {
		found := q.state.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if found == nil {
			continue
		}
		index, err := strconv.Atoi(group(found, "index"))
		if err != nil {
			index = b.First // an array of one may be none
		}
		word := group(found, "state")
		s := backend.NodeState{Where: group(found, "where"), Reason: word}
		switch {
		case slices.Contains(b.Pending, word):
			s.Phase = backend.NodePending
		case slices.Contains(b.Running, word):
			s.Phase = backend.NodeRunning
		case slices.Contains(b.Ended, word):
			s.Phase = backend.NodeEnded
		}
		if reason := group(found, "reason"); reason != "" && reason != "None" {
			s.Reason += " (" + reason + ")"
		}
		list[element{group(found, "job"), index}] = s
	}
	return list, nil
}

// commandError is that a command failed, with what it said.
type commandError struct {
	name, said string
	err        error
}

// Error is what the command said.
func (e *commandError) Error() string {
	if e.said == "" {
		return fmt.Sprintf("%s: %v", e.name, e.err)
	}
	return fmt.Sprintf("%s: %s (%v)", e.name, e.said, e.err)
}

// Unwrap returns how it ended.
func (e *commandError) Unwrap() error { return e.err }

// ofJobs begin the names of variables that a batch system sets in jobs, and takes as
// settings of what is submitted from within one.
var ofJobs = []string{"SLURM_", "SBATCH_", "SRUN_", "PMI_", "PMIX_", "PMI2_", "PBS_", "LSB_", "SGE_TASK", "_CONDOR_"}

// commandEnvironment is the environment for a batch system's commands.
func commandEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return !strings.HasPrefix(v, "SLURM_CONF=") && slices.ContainsFunc(ofJobs, func(begin string) bool { return strings.HasPrefix(v, begin) })
	})
}

// command runs a command of a batch system and returns what it prints.
func command(ctx context.Context, words []string, in []byte) (string, error) {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	process.Whole(cmd)
	cmd.Env = commandEnvironment()
	cmd.Stdin = bytes.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(errs.String() + out.String())
		return "", &commandError{words[0], said[:min(len(said), 4<<10)], errors.Join(err, context.Cause(ctx))}
	}
	return out.String(), nil
}
