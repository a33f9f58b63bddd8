package golist

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestLongImportsTellWhatTheyCompile(t *testing.T) {
	var told []string
	p := newCompileProgress(func(line string) { told = append(told, line) })
	for i := range 600 { // a minute
		p.add(fmt.Sprint("example.com/p", i), p.began.Add(time.Duration(i)*100*time.Millisecond))
	}
	if len(told) < 10 || len(told) > 25 || told[0] != "compiling example.com/p10 (package 11)" {
		t.Errorf("%d lines: %q", len(told), told)
	}
	for line, is := range map[string]bool{
		"github.com/samber/lo": true, "fmt": true, "gopkg.in/yaml.v3": true, "example.com/a-b/~c": true,
		"# github.com/samber/lo": false, "lo.go:3:1: syntax error": false, "go: downloading x v1": false, "": false,
	} {
		if packageLine.MatchString(line) != is {
			t.Errorf("%q is a package: %v", line, !is)
		}
	}
	err := Readable(errors.New("go list: exit status 1\nexample.com/one\ngo: downloading x v1\ngo: no such module\nexample.com/two"))
	if err.Error() != "no such module" {
		t.Error(err)
	}
}
