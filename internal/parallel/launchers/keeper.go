package launchers

import (
	"io"
	"os/exec"

	"github.com/goparallel/goparallel/internal/parallel/process"
)

// keeper is a shell that outlives this process, in a session of its own: it cancels an array of jobs by its name when this process has ended,
// however that was, without having cancelled it. A queue would otherwise keep what waits in it, for hours maybe, for a program that is gone.
type keeper struct {
	in io.WriteCloser // its leash
	p  *process.Process
}

// keeping is what it runs. Its arguments are the folder of tickets, the note of the array, what the command says where nothing has the name, and
// the command. A submission that was under way may take a second. Where the system cannot be asked, what was written down stays for goparallel cluster stop; what is gone already is
// somebody else's work.
const keeping = `read -r word
[ "$word" = done ] && exit
folder=$0 note=$1 none=$2
shift 2
for pause in 1 5 25 125; do
  sleep $pause
  [ -e "$note" ] || exit 0
  if said=$("$@" 2>&1) || { [ -n "$none" ] && printf '%s\n' "$said" | grep -Eq "$none"; }; then
    rm -rf "$folder" "$note"
    exit 0
  fi
done`

// keep starts the keeper of an array that is about to be submitted.
func keep(folder, note, none string, cancel []string) (*keeper, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", keeping, folder, note, none}, cancel...)...)
	cmd.Env, cmd.Dir = commandEnvironment(), "/"
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p, err := process.Start(cmd, process.Options{Session: true})
	if err != nil {
		in.Close()
		return nil, err
	}
	return &keeper{in, p}, nil
}

// leave ends the keeper: the array is gone.
func (k *keeper) leave() {
	io.WriteString(k.in, "done\n") // it has ended where that fails
	k.in.Close()
	<-k.p.Ended()
}
