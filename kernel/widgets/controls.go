package widgets

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
)

// IntSlider is a slider from min to max, which begins at min. With("step", 5) sets the
// step, With("orientation", "vertical") stands it up.
func IntSlider(min, max int) *Control[int] { return slider("IntSlider", min, max, 1) }

// FloatSlider is a slider from min to max, which begins at min, in a hundred steps.
func FloatSlider(min, max float64) *Control[float64] {
	return slider("FloatSlider", min, max, math.Abs(max-min)/100)
}

// Progress is a bar that is full at total. It shows a value that the program sets.
func Progress(total int) *Control[int] {
	c := slider("IntProgress", 0, total, 1)
	c.model.state["_view_name"] = "ProgressView"
	return c
}

func slider[T int | float64](name string, low, high, step T) *Control[T] {
	if low > high {
		low, high = high, low
	}
	c := control(name, low, map[string]any{"min": low, "max": high, "step": step})
	c.write = func(v T) (T, any, error) {
		v = min(max(v, low), high)
		return v, v, nil
	}
	return c
}

// IntText and FloatText are fields for a number.
func IntText(value int) *Control[int]           { return control("IntText", value, nil) }
func FloatText(value float64) *Control[float64] { return control("FloatText", value, nil) }

// Text is a field for a line, whose value changes with each key, or with
// With("continuous_update", false) at the end.
func Text(value string) *Control[string] { return control("Text", value, nil) }

// Textarea is a field for several lines.
func Textarea(value string) *Control[string] { return control("Textarea", value, nil) }

// Password is a field for a line that is not shown.
func Password() *Control[string] { return control("Password", "", nil) }

// Checkbox is a box to tick, with a text behind it.
func Checkbox(label string, value bool) *Control[bool] {
	return control("Checkbox", value, map[string]any{"description": label, "indent": false})
}

// Toggle is a button that stays down.
func Toggle(label string, value bool) *Control[bool] {
	return control("ToggleButton", value, map[string]any{"description": label})
}

// HTML shows HTML source that the program sets.
func HTML(source string) *Control[string] { return control("HTML", source, nil) }

// Dropdown is a list that opens, to choose one of the options, whose text is fmt's. It begins
// with the first one.
func Dropdown[T any](options ...T) *Control[T] { return choice("Dropdown", options) }

// Select is an open list to choose one of the options.
func Select[T any](options ...T) *Control[T] { return choice("Select", options) }

// Radio has a round button for each option.
func Radio[T any](options ...T) *Control[T] { return choice("RadioButtons", options) }

// choice makes a control that the front end knows the index of.
func choice[T any](name string, options []T) *Control[T] {
	var first T
	if len(options) > 0 {
		first = options[0]
	}
	read := func(raw json.RawMessage) (v T, err error) {
		var index *int
		if err := json.Unmarshal(raw, &index); err != nil {
			return v, err
		}
		if index == nil { // nothing is chosen
			return v, nil
		}
		if *index < 0 || *index >= len(options) {
			return v, fmt.Errorf("there are %d options", len(options))
		}
		return options[*index], nil
	}
	write := func(v T) (T, any, error) {
		for i, o := range options {
			if reflect.DeepEqual(o, v) {
				return v, i, nil
			}
		}
		return v, nil, fmt.Errorf("%v is none of the options", v)
	}
	return controlOf(name, "index", first, map[string]any{"_options_labels": labels(options)}, read, write)
}

// SelectMultiple is an open list to choose any number of options.
func SelectMultiple[T any](options ...T) *Control[[]T] {
	read := func(raw json.RawMessage) ([]T, error) {
		var indices []int
		if err := json.Unmarshal(raw, &indices); err != nil {
			return nil, err
		}
		chosen := make([]T, len(indices))
		for i, at := range indices {
			if at < 0 || at >= len(options) {
				return nil, fmt.Errorf("there are %d options", len(options))
			}
			chosen[i] = options[at]
		}
		return chosen, nil
	}
	write := func(values []T) ([]T, any, error) {
		indices := []int{}
	next:
		for _, v := range values {
			for i, o := range options {
				if reflect.DeepEqual(o, v) {
					indices = append(indices, i)
					continue next
				}
			}
			return nil, nil, fmt.Errorf("%v is none of the options", v)
		}
		return values, indices, nil
	}
	return controlOf("SelectMultiple", "index", nil, map[string]any{"_options_labels": labels(options)}, read, write)
}

func labels[T any](options []T) []string {
	texts := make([]string, len(options))
	for i, o := range options {
		texts[i] = fmt.Sprint(o)
	}
	return texts
}
