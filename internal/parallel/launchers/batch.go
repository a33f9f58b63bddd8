package launchers

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/process"
)

// Batch is a launcher for a batch system that has arrays of jobs, described by its commands. [Slurm] and others are such
// descriptions; write one for a system that is not among them, or that a site has changed beyond what their fields can say.
//
// The array has an element for each node, and each element runs one process, which has the node's engines. The program and the tickets
// lie in a folder that the nodes must see at the same path, as they do homes on most clusters; nothing else is shared.
type Batch struct {
	// System names the batch system in errors.
	System string
	// EnginesPerNode is how many engines each node has; 0 means 1.
	EnginesPerNode int
	// Script is a text/template for a [Job], of what is submitted.
	Script string
	// Submit is the command that submits a script that it reads from standard input. JobID is a regular expression whose group
	// is the array's id in what the command prints.
	Submit []string
	JobID  string
	// Query is the command that lists jobs, in which {jobs} stands for the ids of all that are of interest, divided by
	// commas. State is a regular expression for a line of what it prints, with groups named job, index, state and,
	// where there are such, reason and where. A job that is not listed has ended. Query may fail with a text that
	// the regular expression Unknown finds, where it knows none of the jobs.
	Query          []string
	State, Unknown string
	// Pending, Running and Ended are the words for states. A state of another word is taken for unknown.
	Pending, Running, Ended []string
	// Cancel is the command that ends an array, {jobs}, and CancelOne the one that ends an element, {job} and {index}.
	Cancel, CancelOne []string
	// CancelNamed is the command that ends what has a name, {name}, after the program that submitted it has been killed. It fails with a text
	// that the regular expression None finds where nothing has that name. Both may be left out: then nobody looks for what such programs leave.
	CancelNamed []string
	None        string
	// Explain is the command that says more of an element that has ended, {job} and {index}; each group of the regular expression
	// Why that matches in what it prints belongs to the reason. It is run once. Both may be left out.
	Explain []string
	Why     string
	// First is the index of the array's first element.
	First int
	// Every is the least time between two queries; 0 means 10 seconds.
	Every time.Duration
	// Folder is where the program and the tickets are put; "" means goparallel's part of the user's cache
	// folder.
	Folder string
}

// Job is what a [Batch.Script] is made for.
type Job struct {
	// Name is the job's name, Nodes the number of its elements, First the index of the first, Last that of the last one.
	Name               string
	Nodes, First, Last int
	// Engines is the number of engines of each element.
	Engines int
	// Folder is where everything is. The program is to be run with the file ticket.N there as standard input, where N
	// is the element's index, and what it prints is to go to the file out.N.
	Folder string
	// Program is the path of the program, Variable what must be in its environment: GOPARALLEL_ENGINE=node.
	Program, Variable string
}

// PerNode returns EnginesPerNode.
func (b Batch) PerNode(int) (int, error) {
	if b.EnginesPerNode < 0 {
		return 0, fmt.Errorf("EnginesPerNode is %d", b.EnginesPerNode)
	}
	return max(1, b.EnginesPerNode), nil
}

// array is a job array that was submitted.
type array struct {
	batch  Batch
	id     string
	name   string
	nodes  int
	folder string
	noted  string // the file in which it is written down, or ""
	keeper *keeper
	queue  *queue
	why    *regexp.Regexp
	ended  map[int]string // reasons of elements that have ended; belongs to Poll
}

// Launch submits an array.
func (b Batch) Launch(ctx context.Context, o backend.Order) (backend.Allocation, error) {
	a := &array{batch: b, name: o.Name, nodes: o.Nodes, ended: map[int]string{}}
	err := a.submit(ctx, o)
	if err != nil {
		if ctx.Err() == nil { // otherwise the system may have taken it in all the same
			a.forget()
		}
		return nil, err
	}
	return a, nil
}

// forget removes what is known of the array here.
func (a *array) forget() {
	if a.folder != "" {
		os.RemoveAll(a.folder)
	}
	if a.noted != "" {
		os.Remove(a.noted)
	}
	if a.keeper != nil {
		a.keeper.leave()
		a.keeper = nil
	}
}

// plain paths need no quoting, in whatever form a batch system reads them.
var plain = regexp.MustCompile(`^/[-A-Za-z0-9/._+@,=]*$`)

// submit makes the folder and submits the script.
func (a *array) submit(ctx context.Context, o backend.Order) error {
	b := a.batch
	if _, err := exec.LookPath(b.Submit[0]); err != nil {
		return fmt.Errorf("this machine cannot submit jobs to %s: %w; run the program on a login node", b.System, err)
	}
	id, err := regexp.Compile(b.JobID)
	if err == nil {
		a.why, err = regexp.Compile(b.Why)
	}
	if err != nil {
		return err
	}
	base := b.Folder
	if base == "" {
		if base, err = cacheFolder(); err != nil {
			return err
		}
	}
	if base, err = filepath.Abs(base); err != nil {
		return err
	}
	if !plain.MatchString(base) {
		return fmt.Errorf("batch systems read paths with other characters than letters, digits and - / . _ + @ , = in different ways, so %q cannot be the folder for jobs: set Folder to another one that all nodes see", base)
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return fmt.Errorf("the folder for jobs: %w", err)
	}
	if err := trusted(base); err != nil {
		return fmt.Errorf("the folder for jobs: %w", err)
	}
	program, err := keepProgram(filepath.Join(base, "programs"), o.Program)
	if err != nil {
		return err
	}
	a.folder = filepath.Join(base, o.Name)
	if err := os.Mkdir(a.folder, 0o700); err != nil {
		return fmt.Errorf("the folder for jobs: %w", err)
	}
	for i := range o.Nodes {
		if err := os.WriteFile(a.file("ticket", i), o.Ticket(i, backend.TicketOptions{}), 0o600); err != nil {
			return fmt.Errorf("the folder for jobs: %w", err)
		}
	}
	t, err := template.New("script").Parse(b.Script)
	if err != nil {
		return fmt.Errorf("the template of the script: %w", err)
	}
	var script bytes.Buffer
	job := Job{
		Name: o.Name, Nodes: o.Nodes, First: b.First, Last: b.First + o.Nodes - 1, Engines: o.Engines, Folder: a.folder,
		Program: program, Variable: backend.NodeVariable,
	}
	if err := t.Execute(&script, job); err != nil {
		return fmt.Errorf("the template of the script: %w", err)
	}
	if a.noted, err = note(b, a.name, a.folder); err != nil {
		return err
	}
	if a.noted != "" {
		if a.keeper, err = keep(a.folder, a.noted, b.None, replaced(b.CancelNamed, "{name}", a.name)); err != nil {
			return err
		}
	}
	out, err := command(ctx, b.Submit, script.Bytes())
	if err != nil {
		return err
	}
	found := id.FindStringSubmatch(out)
	if len(found) != 2 {
		return fmt.Errorf("%s printed no id of a job, but %q", b.Submit[0], out)
	}
	a.id = found[1]
	a.queue, err = join(b, a.id)
	return err
}

// file is a file of an element.
func (a *array) file(kind string, node int) string {
	return filepath.Join(a.folder, kind+"."+strconv.Itoa(a.batch.First+node))
}

// Poll says what the queue says of each element.
func (a *array) Poll(ctx context.Context) ([]backend.NodeState, error) {
	list, known, err := a.queue.states(ctx, a.id, cmp.Or(a.batch.Every, queryEvery))
	if err != nil {
		return nil, err
	}
	states := make([]backend.NodeState, a.nodes)
	for i := range states {
		s, ok := list[element{a.id, a.batch.First + i}]
		if !known {
			s = backend.NodeState{Phase: backend.NodePending, Reason: "submitted"}
		} else if !ok {
			s = backend.NodeState{Phase: backend.NodeEnded, Reason: "it is not in the queue any more"}
		}
		s.Name = fmt.Sprintf("job %s_%d", a.id, a.batch.First+i)
		if s.Phase == backend.NodeEnded {
			s.Reason += a.explain(ctx, i)
			s.Tail = lastLines(a.file("out", i))
		}
		states[i] = s
	}
	return states, nil
}

// explain says more of the end of an element, in a text that follows what the queue says.
func (a *array) explain(ctx context.Context, node int) string {
	if len(a.batch.Explain) == 0 {
		return ""
	}
	text, ok := a.ended[node]
	if !ok {
		// Where the system keeps no accounts, the command fails, and the reason is what the queue says.
		out, _ := command(ctx, replaced(replaced(a.batch.Explain, "{job}", a.id), "{index}", strconv.Itoa(a.batch.First+node)), nil)
		for _, found := range a.why.FindAllStringSubmatch(out, -1) {
			for _, group := range found[1:] {
				if group = strings.TrimSpace(group); group != "" && !strings.Contains(text, group) {
					text += "; " + group
				}
			}
		}
		a.ended[node] = text
	}
	return text
}

// Stop cancels elements, or all, and waits until they are gone.
func (a *array) Stop(ctx context.Context, nodes ...int) error {
	var errs []error
	if len(nodes) == 0 {
		_, err := command(ctx, replaced(a.batch.Cancel, "{jobs}", a.id), nil)
		errs = append(errs, err)
		for i := range a.nodes {
			nodes = append(nodes, i)
		}
		defer a.queue.leave(a.id)
		defer os.RemoveAll(a.folder) // without tickets nothing can connect
	} else {
		for _, i := range nodes {
			_, err := command(ctx, replaced(replaced(a.batch.CancelOne, "{job}", a.id), "{index}", strconv.Itoa(a.batch.First+i)), nil)
			errs = append(errs, err)
		}
	}
	for pause := 200 * time.Millisecond; ; pause *= 2 {
		list, _, err := a.queue.states(ctx, a.id, 0)
		left := 0
		for _, i := range nodes {
			if s, ok := list[element{a.id, a.batch.First + i}]; ok && s.Phase != backend.NodeEnded {
				left++
			}
		}
		if err == nil && left == 0 {
			if len(nodes) == a.nodes {
				a.forget()
			}
			return nil // whatever cancelling said: they are gone
		}
		select {
		case <-time.After(pause):
			continue
		case <-ctx.Done():
		}
		if err == nil {
			err = fmt.Errorf("%d of %d are still there", left, len(nodes))
		}
		return fmt.Errorf("job %s of %s, by the name of %s, could not be ended: %w; cancel it: %s", a.id, a.batch.System, a.name,
			errors.Join(append(errs, err)...), strings.Join(replaced(a.batch.Cancel, "{jobs}", a.id), " "))
	}
}

// replaced is a command with a word put in.
func replaced(words []string, what, by string) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = strings.ReplaceAll(word, what, by)
	}
	return out
}

// keepProgram copies an executable to a folder, by its content, unless it is there. It returns its path.
func keepProgram(folder, path string) (string, error) {
	p, err := openProgram(path)
	if err != nil {
		return "", err
	}
	defer p.file.Close()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("the folder for jobs: %w", err)
	}
	to := filepath.Join(folder, p.hash)
	if size, err := ownedSize(to); err == nil && size == p.size {
		return to, nil
	}
	f, err := os.CreateTemp(folder, "copy-")
	if err != nil {
		return "", fmt.Errorf("the folder for jobs: %w", err)
	}
	_, err = f.ReadFrom(p.content())
	err = errors.Join(err, f.Chmod(0o700), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), to)
	}
	if err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("the program cannot be copied to the folder for jobs: %w", err)
	}
	return to, nil
}

// maxTail limits the bytes that are read of what an element has printed.
const maxTail = 4 << 10

// lastLines returns the last lines of a file, or "".
func lastLines(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	data := make([]byte, min(info.Size(), maxTail))
	n, _ := f.ReadAt(data, info.Size()-int64(len(data)))
	var t process.Tail
	for line := range strings.Lines(string(data[:n])) {
		t.Add(strings.TrimRight(line, "\r\n"))
	}
	return t.String()
}
