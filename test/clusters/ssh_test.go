package clusters

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

// ssh is a launcher for these machines.
func ssh(t *testing.T, hosts ...string) parallel.SSH {
	return parallel.SSH{Hosts: hosts, Options: []string{"-F", filepath.Join(machines(t), "ssh_config")}}
}

// programs lists those that a machine keeps.
func programs(t *testing.T, machine string) []string {
	found, err := filepath.Glob(filepath.Join(machines(t), machine, "home/.cache/goparallel/programs/*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSSH(t *testing.T) {
	rc, _ := start(t, 4, ssh(t, "n1", "n2"))
	all := engines(t, rc)
	if all[0].Host != "n1" || all[1].Node != all[0].Node || all[2].Host != "n2" || all[3].Host != "n2" {
		t.Error(all)
	}
	maps(t, rc)
	kept := programs(t, "n1")
	if len(kept) != 1 {
		t.Fatal(kept)
	}
	before, _ := os.Stat(kept[0])
	rc.Close()
	awaitNone(t, 10*time.Second)

	begin := time.Now()
	rc, _ = start(t, 2, ssh(t, "n1", "n2"))
	t.Logf("two hosts that have the program: %v", time.Since(begin))
	maps(t, rc)
	if after, err := os.Stat(kept[0]); err != nil || !os.SameFile(before, after) || len(programs(t, "n1")) != 1 {
		t.Error("the program was copied again", programs(t, "n1"), err)
	}
}

// TestSSHWithoutAWayBack: the firewall lets nothing in but ssh's own connection goes out.
func TestSSHWithoutAWayBack(t *testing.T) {
	rc, _ := start(t, 2, ssh(t, "n1", "n2"), parallel.Listen("127.0.0.1:0"))
	maps(t, rc)
	rc, _ = start(t, 2, ssh(t, "n1", "n2"), parallel.Listen("10.78.0.1:7000-7999")) // leads nowhere from there
	maps(t, rc)
}

func TestSSHFaults(t *testing.T) {
	rc, out := start(t, 4, ssh(t, "n1", "n2", "n3"))
	all := engines(t, rc)
	if _, err := rc.LoadBalanced().MapSync(end, []int{1}); err == nil || !strings.Contains(err.Error(), "no more") {
		t.Error(err)
	}
	r := rc.LoadBalanced().Map(nap, many(100, 50), parallel.ChunkSize(1))
	time.Sleep(300 * time.Millisecond)
	run(t, "kill", "-9", fmt.Sprint(all[0].Node))
	if ys, err := r.Get(); err != nil || len(ys) != 100 {
		t.Error(len(ys), err)
	}
	await(t, 20*time.Second, func() string {
		if strings.Contains(out.String(), "ssh n1 on n1 is gone") {
			return ""
		}
		return "not said in: " + out.String()
	})
	rc.Close()
	awaitNone(t, 10*time.Second)
}

// TestSSHWhenTheClientIsKilled leaves no process on the hosts.
func TestSSHWhenTheClientIsKilled(t *testing.T) {
	if os.Getenv(killed) != "" {
		rc, _ := start(t, 2, ssh(t, "n1", "n2"))
		engines(t, rc)
		fmt.Println("they run")
		rc.LoadBalanced().MapSync(nap, many(2, 3_600_000))
	}
	machines(t)
	client, _ := clientToKill(t, "yes")
	client.Process.Kill()
	client.Wait()
	awaitNone(t, 10*time.Second)
}

func TestSSHRefusals(t *testing.T) {
	dir := machines(t)
	refused(t, 1, ssh(t, "stranger"), "ssh stranger", "Host key verification failed")
	refused(t, 1, ssh(t, "nobody.invalid"), "nobody.invalid", "ould not resolve hostname")
	refused(t, 2, ssh(t), "Hosts is empty")
	refused(t, 2, ssh(t, "-oProxyCommand=touch"), "no host")
	few := ssh(t, "n1")
	few.EnginesPerHost = 2
	refused(t, 3, few, "3 engines", "1 hosts of 2 engines")

	// A host that has another key than it had.
	known := filepath.Join(t.TempDir(), "known_hosts")
	key := run(t, "cut", "-d", " ", "-f", "1,2", filepath.Join(dir, "n1/hostkey.pub"))
	if err := os.WriteFile(known, []byte("10.77.0.12 "+key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	changed := ssh(t, "n2")
	changed.Options = append(changed.Options, "-o", "UserKnownHostsFile="+known)
	refused(t, 1, changed, "ssh n2", "has changed", "remove its old key", "ssh-keygen -f")

	// A host whose disk is full.
	cache := filepath.Join(dir, "n2/home/.cache")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	there := []string{"-t", run(t, "cat", filepath.Join(dir, "n2/sshd.pid")), "-m"}
	run(t, "nsenter", append(there, "mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "none", cache)...)
	refused(t, 1, ssh(t, "n2"), "ssh n2", "the program could not be written to ", "No space left on device", "make room there")
	if left := run(t, "nsenter", append(there, "find", cache, "-type", "f")...); left != "" {
		t.Error("left there:", left)
	}
	run(t, "nsenter", append(there, "umount", cache)...)

	// A host whose folder cannot be written.
	home := filepath.Join(dir, "n3/home")
	if err := os.RemoveAll(home + "/.cache"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(home+"/.cache", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(home + "/.cache")
	refused(t, 1, ssh(t, "n3"), "ssh n3", "cannot be made")
	awaitNone(t, 10*time.Second)
}

// many is n times the same.
func many(n, x int) []int {
	xs := make([]int, n)
	for i := range xs {
		xs[i] = x
	}
	return xs
}
