package host

import "testing"

func TestFunctionNamesAreTheUsersOwn(t *testing.T) {
	for _, c := range []struct{ function, want string }{
		{"main.pow10", "pow10"},
		{"main.pow10ᐧ2", "pow10"},
		{"main.ᐧPow10ᐧ12", "Pow10"},
		{"main.(*pointᐧ2).move", "(*point).move"},
		{"main.Map[...]", "Map"},
		{"main.Map[...].func1", "a function literal in Map"},
		{"main.ᐧrun_0a1b2c3d4e5f", ""},
		{"main.ᐧrun_0a1b2c3d4e5f.func2.1", "a function literal"},
		{"main.ᐧinit1_0a1b2c3d4e5f", ""},
		{"main.ᐧlit1_0a1b2c3d4e5f", "a function literal"},
		{"main.glob..func1", "a function literal"},
	} {
		if got := (frame{function: c.function, file: "cell-0a1b2c3d4e5f"}).label(); got != c.want {
			t.Errorf("%s is shown as %q, want %q", c.function, got, c.want)
		}
	}
}
