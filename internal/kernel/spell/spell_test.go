package spell

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"Println", "Printf", "Print", "Sprint", "x", "at"}
	for wrong, want := range map[string]string{
		"Prinln": "Println", "print": "Print", "Printn": "Print", "Sprnt": "Sprint", "y": "", "to": "", "Scan": "", "Quite": "", "": "",
	} {
		if got := Nearest(wrong, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", wrong, got, want)
		}
	}
}
