package launchers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// SSH is a launcher for machines that can be reached by ssh. It runs the system's ssh, so what ~/.ssh/config says counts:
// users, keys, jump hosts, an agent. There is one connection for each host, which brings the program there if it has not been there
// before, and leads engines back here where they cannot reach this machine otherwise.
//
// A host needs a POSIX shell, and the same system as this machine. Where its processor architecture is another one, a notebook has
// program and cells compiled for that; other programs cannot have engines there. The program is kept
// there below ~/.cache/goparallel by its content, and removed when it was not used for 30 days.
type SSH struct {
	// Hosts are the machines, by the names that ssh knows.
	Hosts []string
	// EnginesPerHost is how many engines each host has; 0 divides them evenly.
	EnginesPerHost int
	// Options are further arguments of ssh, before the host: {"-F", "cluster.conf"}, {"-p", "2222"}.
	Options []string
}

// PerNode divides n engines among the hosts.
func (s SSH) PerNode(n int) (int, error) {
	if len(s.Hosts) == 0 {
		return 0, errors.New("SSH.Hosts is empty")
	}
	for _, host := range s.Hosts {
		if host == "" || strings.HasPrefix(host, "-") {
			return 0, fmt.Errorf("%q in SSH.Hosts is no host", host)
		}
	}
	if s.EnginesPerHost < 0 {
		return 0, fmt.Errorf("SSH.EnginesPerHost is %d", s.EnginesPerHost)
	}
	if s.EnginesPerHost == 0 {
		return (n + len(s.Hosts) - 1) / len(s.Hosts), nil
	}
	if most := s.EnginesPerHost * len(s.Hosts); n > most {
		return 0, fmt.Errorf("%d hosts of %d engines each have %d", len(s.Hosts), s.EnginesPerHost, most)
	}
	return s.EnginesPerHost, nil
}

// Launch starts a connection to each host.
func (s SSH) Launch(ctx context.Context, o backend.Order) (backend.Allocation, error) {
	if _, err := exec.LookPath("ssh"); err != nil {
		return nil, fmt.Errorf("%w; Debian's package is openssh-client", err)
	}
	p, err := openProgram(o.Program)
	if err != nil {
		return nil, err
	}
	var hosts children
	left := make(chan struct{}, o.Nodes)
	for i := range o.Nodes {
		c, err := s.connect(s.Hosts[i], i, o, p, func() { left <- struct{}{} })
		if err != nil {
			hosts.Stop(ctx)
			return nil, err
		}
		hosts = append(hosts, c)
	}
	go func() { // the file is open until all have read it, or have ended
		defer p.file.Close()
		for range o.Nodes {
			<-left
		}
	}()
	return hosts, nil
}

// Lines that a host begins with, and that ssh says when it has a tunnel.
const (
	haveLine  = "goparallel has it:"
	needLine  = "goparallel needs it:"
	otherLine = "goparallel needs another one:"
)

var tunnelLine = regexp.MustCompile(`^Allocated port ([0-9]+) for remote forward to `)

// arrival is the script that a host runs. Where the system is another one it says so, and is told of a program for that in a line. It
// says whether the program is there, takes it from standard input if it is not, and becomes it; what follows there is the ticket.
// head must not read further than it is told to, which holds for GNU, busybox and BSD, and read for all of POSIX.
const arrival = `umask 077
d=${XDG_CACHE_HOME:-$HOME/.cache}/goparallel/programs
mkdir -p "$d" && [ -O "$d" ] || { echo "goparallel: the folder $d cannot be made, or is not yours" >&2; exit 70; }
h=HASH s=SIZE m="$(uname -s) $(uname -m)"
if [ -n "MACHINE" ] && [ "$m" != "MACHINE" ]; then
  echo "OTHER $m"
  read -r h s || exit 70
fi
p=$d/$h
if [ -x "$p" ] && [ -O "$p" ]; then
  touch "$p"
  echo "HAVE"
else
  echo "NEED"
  t=$p.$$
  trap 'rm -f "$t"' EXIT HUP TERM
  head -c "$s" > "$t"
  [ "$(wc -c < "$t")" -eq "$s" ] && chmod 700 "$t" && mv "$t" "$p" || { echo "goparallel: the program could not be written to $d" >&2; exit 70; }
  trap - EXIT HUP TERM
fi
find "$d" -type f -mtime +30 -exec rm -f {} + 2>/dev/null
exec env VARIABLE "$p"`

// arrivalOf is a script of arrival for a program.
func arrivalOf(p *program, script string) string {
	return strings.NewReplacer("HASH", p.hash, "SIZE", strconv.FormatInt(p.size, 10), "MACHINE", thisMachine(), "HAVE", haveLine, "NEED", needLine, "OTHER", otherLine, "VARIABLE", backend.NodeVariable).Replace(script)
}

// connect starts the connection to one host. It calls left once the program is not needed any more.
func (s SSH) connect(host string, node int, o backend.Order, p *program, left func()) (*child, error) {
	args := []string{"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "ControlPath=none",
		"-R", "127.0.0.1:0:" + o.Address}
	args = append(append(args, s.Options...), "--", host, "exec /bin/sh -c "+quote(arrivalOf(p, arrival)))
	v := newVisit(greetTime)
	var err error
	if v.child, err = newChild("ssh "+host, args, nil, v.hear); err != nil {
		left()
		return nil, err
	}
	go func() {
		defer left()
		v.arrive(o, node, p, func() (options backend.TicketOptions) {
			select {
			case port := <-v.through:
				options.Through = net.JoinHostPort("127.0.0.1", port)
			case <-time.After(tunnelTime): // the host allows none: engines must find another way
			}
			return options
		})
	}()
	return v.child, nil
}

// visit is the beginning of a connection to a host.
type visit struct {
	*child
	said, through chan string   // lines of the script, and the port of the tunnel
	patience      time.Duration // with the host's first line; 0 means for ever
}

func newVisit(patience time.Duration) *visit {
	return &visit{said: make(chan string, 1), through: make(chan string, 1), patience: patience}
}

// arrive gives the host what it lacks: another program where it is of another architecture, the program, the ticket.
func (v *visit) arrive(o backend.Order, node int, p *program, options func() backend.TicketOptions) {
	said, ok := v.wait()
	if ok && strings.HasPrefix(said, otherLine) {
		other, err := v.another(o, strings.TrimPrefix(said, otherLine))
		if err != nil {
			v.fail(err.Error())
			return
		}
		defer other.file.Close()
		p = other
		said, ok = v.wait()
	}
	if !ok {
		return
	}
	with := options()
	with.Attached = true
	ticket := bytes.NewReader(o.Ticket(node, with))
	if strings.HasPrefix(said, needLine) {
		v.give(p.content(), ticket)
	} else {
		v.give(ticket)
	}
}

// hear takes a line that ssh or the script says.
func (v *visit) hear(line string) {
	to := v.said
	if m := tunnelLine.FindStringSubmatch(line); m != nil {
		to, line = v.through, m[1]
	} else if !strings.HasPrefix(line, haveLine) && !strings.HasPrefix(line, needLine) && !strings.HasPrefix(line, otherLine) {
		return
	}
	select {
	case to <- line:
	default: // nobody waits for it
	}
}

// wait returns what the script says next. It reports false where the connection has ended.
func (v *visit) wait() (line string, ok bool) {
	var late <-chan time.Time
	if v.patience > 0 {
		late = time.After(v.patience)
	}
	select {
	case line = <-v.said:
		return line, true
	case <-v.end:
	case <-late:
		v.fail(fmt.Sprintf("the host did not say within %v that it is there", v.patience))
	}
	return "", false
}

// another tells the script of a program for its machine, which it has named, and returns it open.
func (v *visit) another(o backend.Order, machine string) (*program, error) {
	system, processor, _ := strings.Cut(strings.TrimSpace(machine), " ")
	arch := archOf(processor)
	if system != "Linux" || arch == "" || o.ProgramFor == nil {
		return nil, fmt.Errorf("the host is %s %s, and this program runs on %s: programs, and clusters that live on, are of one architecture, so choose hosts of that, or start the program or the cluster on a machine like this host; a notebook that starts its engines itself has them on x86_64 and aarch64 beside each other", system, processor, thisMachine())
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-v.end:
			cancel()
		case <-ctx.Done():
		}
	}()
	v.does("the program for " + processor + " is being made")
	path, err := o.ProgramFor(ctx, arch)
	if err != nil {
		return nil, fmt.Errorf("the host is %s %s, and this program runs on %s: %w", system, processor, thisMachine(), err)
	}
	p, err := openProgram(path)
	if err == nil {
		v.does("starting")
		_, err = fmt.Fprintln(v.in, p.hash, p.size)
		if err != nil {
			p.file.Close()
		}
	}
	return p, err
}

// greetTime limits the wait for a host's first line; tunnelTime that for ssh's word of the tunnel, which it
// says before.
const (
	greetTime  = 60 * time.Second
	tunnelTime = time.Second
)

// quote makes one word of a text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
