package widgets

import (
	"fmt"
	"io"
	"reflect"
)

// valued is a control of whatever type.
type valued interface {
	Widget
	get() any
	watch(func())
}

// Interact shows controls for the parameters of a function, and what it returns below; the
// function is called at once and with each change. An argument is a control, or a value for
// which one is made: a slider for a number, from -n to 3 n, a field for a text, a box to tick
// for a bool, and a list for a slice, to choose an element. Parameters beyond the arguments get
// a control by their type: a slider from 0 to 10 for whole numbers and from 0 to 1 for others, a
// field for texts, a box to tick for truth values. If the first parameter is an
// io.Writer or an *Area, it is the place below, for what the function prints. An error that the
// function returns is shown there.
func Interact(f any, arguments ...any) (*Box, error) {
	function := reflect.ValueOf(f)
	if function.Kind() != reflect.Func || function.IsNil() || function.Type().IsVariadic() {
		return nil, fmt.Errorf("widgets.Interact needs a function with a fixed number of parameters, and %T is none", f)
	}
	t, first := function.Type(), 0
	area := Output()
	if t.NumIn() > 0 && (t.In(0) == reflect.TypeFor[io.Writer]() || t.In(0) == reflect.TypeFor[*Area]()) {
		first = 1
	}
	if n := t.NumIn() - first; n < len(arguments) {
		return nil, fmt.Errorf("widgets.Interact: the function has %d parameters to set, and %d controls are given", n, len(arguments))
	}
	controls := make([]valued, t.NumIn()-first)
	children := make([]Widget, 0, len(controls)+1)
	for i := range controls {
		var c valued
		var err error
		if i < len(arguments) {
			c, err = controlFor(arguments[i])
		} else {
			c, err = controlByType(t.In(first + i))
		}
		if err == nil {
			_, err = converted(c.get(), t.In(first+i))
		}
		if err != nil {
			return nil, fmt.Errorf("widgets.Interact: parameter %d of the function: %w", first+i+1, err)
		}
		controls[i], children = c, append(children, c)
	}
	call := func() {
		in := make([]reflect.Value, 0, t.NumIn())
		if first == 1 {
			if err := area.Clear(); err != nil {
				panic(err)
			}
			in = append(in, reflect.ValueOf(area))
		}
		for i, c := range controls {
			v, err := converted(c.get(), t.In(first+i))
			if err != nil {
				panic(err)
			}
			in = append(in, v)
		}
		show := area.Replace
		if first == 1 {
			show = area.Show
		}
		if results := resultsOf(function.Call(in)); results != nil || first == 0 {
			if err := show(results...); err != nil {
				panic(err)
			}
		}
	}
	call()
	for _, c := range controls {
		c.watch(call)
	}
	return VBox(append(children, area)...), nil
}

// resultsOf returns a function's results without an error that is nil.
func resultsOf(out []reflect.Value) (values []any) {
	for i, v := range out {
		if i == len(out)-1 && v.Type() == reflect.TypeFor[error]() && v.IsNil() {
			break
		}
		values = append(values, v.Interface())
	}
	return values
}

// controlFor returns the control that an argument of Interact is, or stands for.
func controlFor(a any) (valued, error) {
	switch v := a.(type) {
	case valued:
		return v, nil
	case bool:
		return Checkbox("", v), nil
	case string:
		return Text(v), nil
	}
	switch r := reflect.ValueOf(a); {
	case r.CanInt():
		return around(int(r.Int()), IntSlider), nil
	case r.CanFloat():
		return around(r.Float(), FloatSlider), nil
	case r.Kind() == reflect.Slice && r.Len() > 0:
		options := make([]any, r.Len())
		for i := range options {
			options[i] = r.Index(i).Interface()
		}
		return Dropdown(options...), nil
	}
	return nil, fmt.Errorf("there is no control for a value of type %T; give a widget", a)
}

// controlByType returns a control for a parameter of a type.
func controlByType(t reflect.Type) (valued, error) {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return IntSlider(0, 10), nil
	case reflect.Float32, reflect.Float64:
		return FloatSlider(0, 1), nil
	case reflect.String:
		return Text(""), nil
	case reflect.Bool:
		return Checkbox("", false), nil
	}
	return nil, fmt.Errorf("there is no control for the type %s; give a widget", t)
}

// around makes a slider about a value.
func around[T int | float64](v T, slider func(low, high T) *Control[T]) *Control[T] {
	low, high := min(-v, 3*v), max(-v, 3*v)
	if v == 0 {
		high = 1
	}
	c := slider(low, high)
	if err := c.Set(v); err != nil {
		panic(err)
	}
	return c
}

// converted returns a control's value as one of a parameter's type.
func converted(value any, to reflect.Type) (reflect.Value, error) {
	v := reflect.ValueOf(value)
	number := func(t reflect.Type) bool { return t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64 }
	switch {
	case !v.IsValid():
		return reflect.Zero(to), nil
	case v.Type().AssignableTo(to):
		return v, nil
	case number(v.Type()) && number(to), v.Kind() == to.Kind() && v.CanConvert(to):
		return v.Convert(to), nil
	}
	return v, fmt.Errorf("it is of type %s, and the value of the control of type %T", to, value)
}
