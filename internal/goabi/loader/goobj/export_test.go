package goobj

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/tools/go/gcexportdata"
)

// What the compiler of this release wrote is read, and nothing behind it.
func TestExportData(t *testing.T) {
	out, err := exec.Command("go", "list", "-export", "-f", "{{.Export}}", "strings").Output()
	if err != nil {
		t.Fatal(err)
	}
	archive, err := os.ReadFile(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	rest := bytes.NewReader(archive)
	data, err := ReadExportData(rest)
	if err != nil || rest.Len() == 0 {
		t.Fatal(err, rest.Len())
	}
	pkg, err := gcexportdata.Read(bytes.NewReader(data), token.NewFileSet(), map[string]*types.Package{}, "strings")
	if err != nil || pkg.Scope().Lookup("Builder") == nil {
		t.Error(pkg, err)
	}
	for _, cut := range []int{0, 7, 30, 68, 500, len(archive) - rest.Len() - 1} {
		if _, err := ReadExportData(bytes.NewReader(archive[:cut])); err == nil {
			t.Error("export data was read from the first bytes of an archive:", cut)
		}
	}
	for _, archive := range []string{
		strings.Repeat("x", 100),
		archiveMagic + fmt.Sprintf("%-48s%-10d`\n", "_go_.o", 0),
		archiveMagic + fmt.Sprintf("%-48s%-10d`\n", exportData, -1),
		archiveMagic + fmt.Sprintf("%-48s%-10d`\n%s", exportData, 12, "no data here"),
	} {
		if data, err := ReadExportData(strings.NewReader(archive)); err == nil {
			t.Errorf("%q is no archive with export data, but gave %q", archive, data)
		}
	}
}
