package command

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/text"
)

// mostValue bounds the text of a value in %whos, in characters.
const mostValue = 60

// mostCounted is up to how many elements a map's text is made: it is looked at whole.
const mostCounted = 10_000

// Texts returns short texts of what the pointers point to, as JSON.
func Texts(pointers ...any) string {
	texts := make([]string, len(pointers))
	for i, p := range pointers {
		texts[i] = shortText(reflect.ValueOf(p).Elem())
	}
	data, err := json.Marshal(texts)
	if err != nil {
		return "[]" // texts can always be marshalled
	}
	return string(data)
}

func shortText(v reflect.Value) string {
	length := ""
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Chan:
		if v.Kind() == reflect.Map && v.Len() > mostCounted || v.Kind() == reflect.Chan {
			return fmt.Sprintf("n=%d", v.Len())
		}
		if v.Len() > 10 {
			length = fmt.Sprintf("n=%d: ", v.Len())
		}
	case reflect.Func:
		return "func"
	}
	line := strings.Join(strings.Fields(length+text.Of(live.Context(), v.Interface())), " ")
	if runes := []rune(line); len(runes) > mostValue {
		return string(runes[:mostValue-1]) + "…"
	}
	return line
}
