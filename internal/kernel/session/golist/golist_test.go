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

func TestWhatStandsForAModule(t *testing.T) {
	for _, test := range []struct {
		module Module
		want   string
	}{
		{Module{Path: "a", Version: "v1"}, "v1"},
		{Module{Path: "a", Version: "v1", Replace: &Module{Path: "a", Version: "v2"}}, "v2"},
		{Module{Path: "a", Version: "v1", Replace: &Module{Path: "b", Version: "v2"}}, "b v2"},
		{Module{Path: "a", Version: "v1", Replace: &Module{Path: "../a"}}, "in ../a"},
	} {
		if got := test.module.Selected(); got != test.want {
			t.Errorf("%+v: %q", test.module, got)
		}
	}
	for _, test := range []struct {
		err  Error
		want string
	}{{Error{Err: " no\n"}, "no"}, {Error{"a.go:3", "no"}, "a.go:3: no"}} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%q", got)
		}
	}
}

func TestOutputOfGoList(t *testing.T) {
	list, err := Decode[Package]([]byte("{\"ImportPath\": \"a\", \"Standard\": true}\n{\"ImportPath\": \"b\", \"Module\": {\"Path\": \"b\"}}\n"))
	if err != nil || len(list) != 2 || list[0].ImportPath != "a" || !list[0].Standard || list[1].Module.Path != "b" {
		t.Errorf("%+v: %v", list, err)
	}
	if list, err := Decode[Package](nil); len(list) != 0 || err != nil {
		t.Errorf("%+v: %v", list, err)
	}
	if _, err := Decode[Package]([]byte(`{"ImportPath": "a"} {`)); err == nil {
		t.Error("half of an answer is taken for the whole")
	}
}

func TestLinesThatAreTold(t *testing.T) {
	var told []string
	take := Progress(func(line string) { told = append(told, line) })
	for _, line := range []string{"go: downloading a v1", "go: finding module for package b", "go: a@v1 is broken", "some text", "fmt"} {
		take(line)
	}
	if len(told) != 2 || told[0] != "go: downloading a v1" || told[1] != "go: finding module for package b" {
		t.Errorf("%q", told)
	}
}
