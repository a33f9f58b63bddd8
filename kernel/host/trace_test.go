package host

import "testing"

func TestFunctionNamesAreTheUsersOwn(t *testing.T) {
	for _, c := range []struct{ function, want string }{
		{"session.pow10", "pow10"},
		{"session.pow10ᐧ2", "pow10"},
		{"session.ᐧPow10ᐧ12", "Pow10"},
		{"session.(*pointᐧ2).move", "(*point).move"},
		{"session.Map[...]", "Map"},
		{"session.Map[...].func1", "a function literal in Map"},
		{"session.ᐧrun_0a1b2c3d4e5f", ""},
		{"session.ᐧrun_0a1b2c3d4e5f.func2.1", "a function literal"},
		{"session.ᐧinit1_0a1b2c3d4e5f", ""},
		{"session.ᐧlit1_0a1b2c3d4e5f", "a function literal"},
		{"session.glob..func1", "a function literal"},
	} {
		if got := (frame{function: c.function, file: "cell-0a1b2c3d4e5f"}).label(); got != c.want {
			t.Errorf("%s is shown as %q, want %q", c.function, got, c.want)
		}
	}
}
