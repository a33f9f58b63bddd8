package magic

import (
	"context"
	"errors"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

func init() {
	register(&definition{
		name: "del", usage: "%del name...", takes: Declared, program: always,
		doc: "Delete declarations of the session. What refers to them is gone as well, and a note names it.",
		act: func(_ context.Context, k Kernel, arg string, out cell.Output) error {
			names := strings.FieldsFunc(arg, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
			if len(names) == 0 {
				return errors.New("write what to delete: %del name; %who lists the names")
			}
			notes, err := k.Delete(names)
			for _, note := range notes {
				cell.Note(out, "note: "+note)
			}
			return err
		},
	})
}
