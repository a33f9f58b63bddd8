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
// A host needs a POSIX shell, and the same system and processor architecture as this machine. The program is kept
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
	haveLine = "goparallel has it:"
	needLine = "goparallel needs it:"
)

var tunnelLine = regexp.MustCompile(`^Allocated port ([0-9]+) for remote forward to `)

// arrival is the script that a host runs. It says whether the program is there and which system
// this is, takes the program from standard input if it is not, and becomes it; what follows there is the ticket.
// head must not read further than it is told to, which holds for GNU, busybox and BSD.
const arrival = `umask 077
d=${XDG_CACHE_HOME:-$HOME/.cache}/goparallel/programs
mkdir -p "$d" && [ -O "$d" ] || { echo "goparallel: the folder $d cannot be made, or is not yours" >&2; exit 70; }
p=$d/HASH
if [ -x "$p" ] && [ -O "$p" ]; then
  touch "$p"
  echo "HAVE $(uname -s) $(uname -m)"
else
  echo "NEED $(uname -s) $(uname -m)"
  t=$p.$$
  trap 'rm -f "$t"' EXIT HUP TERM
  head -c SIZE > "$t"
  [ "$(wc -c < "$t")" -eq SIZE ] && chmod 700 "$t" && mv "$t" "$p" || { echo "goparallel: the program could not be written to $d" >&2; exit 70; }
  trap - EXIT HUP TERM
fi
find "$d" -type f -mtime +30 -exec rm -f {} + 2>/dev/null
exec env VARIABLE "$p"`

// connect starts the connection to one host. It calls left once the program is not needed any more.
func (s SSH) connect(host string, node int, o backend.Order, p *program, left func()) (*child, error) {
	script := strings.NewReplacer("HASH", p.hash, "SIZE", strconv.FormatInt(p.size, 10), "HAVE", haveLine, "NEED", needLine, "VARIABLE", backend.NodeVariable).Replace(arrival)
	args := []string{"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "ControlPath=none",
		"-R", "127.0.0.1:0:" + o.Address}
	args = append(append(args, s.Options...), "--", host, "exec /bin/sh -c "+quote(script))
	greeted, through := make(chan string, 1), make(chan string, 1)
	c, err := newChild("ssh "+host, args, func(line string) {
		if m := tunnelLine.FindStringSubmatch(line); m != nil {
			select {
			case through <- m[1]:
			default:
			}
		} else if strings.HasPrefix(line, haveLine) || strings.HasPrefix(line, needLine) {
			select {
			case greeted <- line:
			default:
			}
		}
	})
	if err != nil {
		left()
		return nil, err
	}
	go func() {
		defer left()
		var greeting string
		select {
		case greeting = <-greeted:
		case <-c.end:
			return
		case <-time.After(greetTime):
			c.fail(fmt.Sprintf("the host did not say within %v that it is there", greetTime))
			return
		}
		has := strings.Fields(greeting[strings.IndexByte(greeting, ':')+1:])
		if want := []string{"Linux", machine}; machine != "" && (len(has) != 2 || has[0] != want[0] || has[1] != want[1]) {
			c.fail(fmt.Sprintf("the host is %s, and this program runs on %s", strings.Join(has, " "), strings.Join(want, " ")))
			return
		}
		options := backend.TicketOptions{Attached: true}
		select {
		case port := <-through:
			options.Through = net.JoinHostPort("127.0.0.1", port)
		case <-time.After(tunnelTime): // the host allows none: engines must find another way
		}
		ticket := bytes.NewReader(o.Ticket(node, options))
		if strings.HasPrefix(greeting, needLine) {
			c.give(p.content(), ticket)
		} else {
			c.give(ticket)
		}
	}()
	return c, nil
}

// greetTime limits the wait for a host's first line; tunnelTime that for ssh's word of the tunnel, which it
// says before.
const (
	greetTime  = 60 * time.Second
	tunnelTime = time.Second
)

// quote makes one word of a text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
