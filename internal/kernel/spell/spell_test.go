package spell

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"Fprintln", "Println", "Printf", "Print", "Sprint", "NumCPU", "x", "at"}
	for wrong, want := range map[string]string{
		"Prinln": "Println", "print": "Print", "Printn": "Print", "Sprnt": "Sprint", "y": "", "to": "", "Scan": "", "Quite": "", "": "",
		"println": "Println", "numcpu": "NumCPU", "X": "", "PRINTF": "Printf",
	} {
		if got := Nearest(wrong, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", wrong, got, want)
		}
	}
}
