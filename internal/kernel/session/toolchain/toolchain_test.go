package toolchain

import (
	"strings"
	"testing"
)

// Once the release is known its own go command is used, wherever the one that was
// found has gone, and whatever GOMODCACHE is.
func TestTheReleasesOwnGoCommandIsUsed(t *testing.T) {
	tools, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tools.Go = "/nowhere/go"
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOPROXY", "off")
	out, err := tools.Run(t.Context(), t.TempDir(), nil, "version")
	if err != nil || !strings.Contains(string(out), Version+" ") {
		t.Errorf("%q, %v", out, err)
	}
}
