package test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDashboardInABrowser opens the page of a cluster at work in a real browser, in light and in dark, and reads what is on it. The
// pictures are kept in the folder that DASHBOARD_SHOTS names.
func TestDashboardInABrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not there")
	}
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	goparallel(t, "cluster", "start", "-n", "2", "--name", "seen")
	t.Cleanup(func() { exec.Command(binary, "cluster", "stop", "--name", "seen").Run() })
	k := start(t)
	k.run(`import ("context"; "time"; "github.com/goparallel/goparallel/parallel")
rc, err := parallel.Connect(context.Background(), "seen")
if err != nil { panic(err) }
_, err = rc.LoadBalanced().MapErrSync(func(x int) (int, error) { time.Sleep(100 * time.Millisecond); if x == 3 { return 0, context.Canceled }; return x, nil }, []int{1, 2, 3, 4, 5, 6}, parallel.ChunkSize(1), parallel.Label("one <fails>"))
r := rc.LoadBalanced().Map(func(x int) int { time.Sleep(200 * time.Millisecond); return x }, make([]int, 1000), parallel.ChunkSize(1), parallel.Label("a long map"));`)

	ctx, stop := context.WithCancel(t.Context())
	dashboard := exec.CommandContext(ctx, binary, "cluster", "dashboard", "--name", "seen")
	out, err := dashboard.StdoutPipe()
	if err == nil {
		err = dashboard.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer dashboard.Wait()
	defer stop()
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url = strings.TrimSpace(url)
	refusedWithoutToken(t, url)

	shots := os.Getenv("DASHBOARD_SHOTS")
	if shots == "" {
		shots = t.TempDir()
	}
	for scheme, setting := range map[string]string{"light": "1", "dark": "0"} {
		browse := func(args ...string) string {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--window-size=1100,800", "--user-data-dir=" + t.TempDir(),
				"--timeout=4000", "--blink-settings=preferredColorScheme=" + setting}, append(args, url)...)
			out, err := exec.CommandContext(ctx, chromium, args...).Output()
			if err != nil {
				t.Fatalf("%v: %v", args, err)
			}
			return string(out)
		}
		dom := browse("--dump-dom")
		for _, text := range []string{
			"cluster seen</h1>", "2 engines, 2 busy", "a long map", "item ", "<td class=\"number\">", "one &lt;fails&gt;", `<span class="bad">failed</span>`, "of 1000", "canvas",
		} {
			if !strings.Contains(dom, text) {
				t.Errorf("%s: %s is not on the page:\n%s", scheme, text, dom)
			}
		}
		picture := filepath.Join(shots, "dashboard-"+scheme+".png")
		browse("--screenshot=" + picture)
		if info, err := os.Stat(picture); err != nil || info.Size() < 10000 {
			t.Errorf("%s: no picture: %v", scheme, err)
		}
	}
}

// refusedWithoutToken asks as those do who may not see the page.
func refusedWithoutToken(t *testing.T, url string) {
	t.Helper()
	page, token, _ := strings.Cut(url, "?token=")
	ask := func(address, host string) int {
		request, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for name, status := range map[string]int{
		"no token":                       ask(page, ""),
		"a wrong token":                  ask(page+"?token="+token[1:], ""),
		"events without a token":         ask(page+"events", ""),
		"another name that leads here":   ask(url, "evil.example:80"),
		"another name, with this port's": ask(url, "localhost"),
	} {
		if status != http.StatusForbidden {
			t.Errorf("%s: status %d", name, status)
		}
	}
	if status := ask(url, ""); status != http.StatusOK {
		t.Errorf("the page itself: status %d", status)
	}
}
