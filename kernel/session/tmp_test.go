package session_test
import ("testing";"os";"context";"github.com/goparallel/goparallel/kernel/host";"github.com/goparallel/goparallel/kernel/cell")
func TestTmp(t *testing.T) {
	n := open(t)
	code, _ := os.ReadFile("/tmp/id_cell.go")
	u, err := n.session.Compile(context.Background(), string(code), 1)
	if err != nil { t.Fatal(err) }
	out := &recorder{}
	o := n.host.Run(context.Background(), host.Program{Load: u.Modules(), Run: u.ID}, cell.Request{Code: string(code), Count: 1}, out)
	t.Log(out.text.String())
	if o.Err != nil { t.Logf("%+v\n%s", o.Err, o.Err.Traceback) }
}
