package test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var (
	container = flag.Bool("container", false, "run the steps of binder/Dockerfile in a new Debian root: needs root, mmdebstrap and about fifteen minutes")
	rootDir   = flag.String("container-root", "", "the folder of the root, which is kept; empty makes one and removes it")
)

// step is an instruction of a Dockerfile, with what follows it.
type step struct{ name, rest string }

// steps reads a Dockerfile.
func steps(t *testing.T, path string) (list []step) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	text := strings.ReplaceAll(strings.Join(lines, "\n"), "\\\n", "")
	for line := range strings.SplitSeq(text, "\n") {
		name, rest, _ := strings.Cut(line, " ")
		list = append(list, step{name, strings.TrimSpace(rest)})
	}
	return list
}

// image is a root folder that a Dockerfile's steps are run in, and what they have set.
type image struct {
	t               *testing.T
	root, user, dir string
	env             []string
}

// expand replaces ${NAME} by what ENV and ARG have set.
func (m *image) expand(text string) string {
	return os.Expand(text, func(name string) string {
		for i := len(m.env) - 1; i >= 0; i-- {
			if value, ok := strings.CutPrefix(m.env[i], name+"="); ok {
				return value
			}
		}
		return ""
	})
}

// run runs a command in the root as the image's user, with the image's environment alone.
func (m *image) run(command string) string {
	m.t.Helper()
	const enter = `set -e; root=$1; user=$2; shift 2
for d in proc dev; do mkdir -p "$root/$d"; mount --rbind "/$d" "$root/$d"; done
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups env -i "$@"`
	args := append([]string{"--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "bash", "-c", enter, "enter", m.root, m.user}, m.env...)
	cmd := exec.CommandContext(m.t.Context(), "unshare", append(args, "sh", "-c", "cd "+m.dir+" && "+command)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s\nfailed: %v\n%s", command, err, out[max(0, len(out)-4000):])
	}
	return string(out)
}

// do does one step.
func (m *image) do(s step) {
	m.t.Helper()
	switch s.name {
	case "FROM": // the root is of this release
	case "ARG", "ENV":
		for pair := range strings.FieldsSeq(s.rest) {
			m.env = append(m.env, m.expand(pair))
		}
	case "RUN":
		m.t.Log(s.rest)
		m.run(s.rest)
	case "USER":
		m.user = m.expand(s.rest)
	case "WORKDIR":
		m.dir = m.expand(s.rest)
		m.run("true")
	case "COPY": // what is committed, as a clone has it
		from, to, _ := strings.Cut(s.rest, " ")
		target := filepath.Join(m.root, m.expand(to))
		archive := exec.Command("bash", "-c", `set -o pipefail; mkdir -p "$1"; git -C .. ls-files -z | tar -C .. --null -T - -c --ignore-failed-read | tar -x -C "$1" --no-same-owner`, "copy", target)
		if out, err := archive.CombinedOutput(); from != "." || err != nil {
			m.t.Fatalf("COPY %s: %v\n%s", s.rest, err, out)
		}
	case "CMD":
	default:
		m.t.Fatalf("this test does not know %s", s.name)
	}
}

// TestTheContainerWorks runs the steps of the file that Podman, Docker and Binder build an image of, in a root of the Debian
// release that it begins with. Then its user runs a notebook by the Jupyter that is there.
func TestTheContainerWorks(t *testing.T) {
	list := steps(t, "../binder/Dockerfile")
	if list[0].name != "FROM" || list[len(list)-1].name != "CMD" {
		t.Fatalf("%v", list)
	}
	if !*container {
		t.Skip("needs -container")
	}
	_, tag, _ := strings.Cut(list[0].rest, ":")
	m := &image{t: t, root: *rootDir, user: "0", dir: "/", env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"}}
	if m.root == "" {
		m.root = filepath.Join(t.TempDir(), "root")
	}
	if _, err := os.Stat(filepath.Join(m.root, "etc")); err != nil {
		if out, err := exec.Command("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--components=main", strings.TrimSuffix(tag, "-slim"), m.root).CombinedOutput(); err != nil {
			t.Fatalf("mmdebstrap: %v\n%s", err, out)
		}
	}
	// The network is the machine's, with whom it trusts.
	for from, to := range map[string]string{"/etc/resolv.conf": "etc/resolv.conf", "/etc/hosts": "etc/hosts", "/etc/ssl/certs/ca-certificates.crt": "etc/machine.crt"} {
		if data, err := os.ReadFile(from); err != nil || os.WriteFile(filepath.Join(m.root, to), data, 0o644) != nil {
			t.Fatal(from, err)
		}
	}
	m.env = append(m.env, "SSL_CERT_FILE=/etc/machine.crt")
	for _, s := range list {
		m.do(s)
	}
	if who := strings.TrimSpace(m.run("id -u")); who == "0" {
		t.Error("Binder starts no image whose user is root")
	}
	m.run("cp 00-tour.ipynb /tmp/tour.ipynb && cd /tmp && jupyter nbconvert --to notebook --execute --output out tour.ipynb")
	if got := m.run("cat /tmp/out.ipynb"); !strings.Contains(got, "execute_result") || strings.Contains(got, `"output_type": "error"`) && !strings.Contains(got, "raises-exception") {
		t.Errorf("the notebook that ran is\n%s", got)
	}
	if got := m.run("jupyter kernelspec list && goparallel doctor"); !strings.Contains(got, "goparallel") {
		t.Error(fmt.Sprint("no kernel: ", got))
	}
}
