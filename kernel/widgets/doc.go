// Package widgets shows controls under a notebook's cell: sliders, buttons, text fields,
// lists to choose from. Their values are Go values, and functions are called when they
// change, whether or not a cell runs.
//
//	n := widgets.IntSlider(1, 100).Label("n")
//	n.OnChange(func(v int) { fmt.Println("n is", v) })
//	n
//
// [Interact] calls a function anew with each change of its arguments:
//
//	widgets.Interact(func(a, b float64) *plot.Plot { … }, widgets.FloatSlider(0, 1), 2.0)
//
// A widget is on the screen where it is a cell's value, or shown by display.Show, and as
// often as that is done. Functions are called one at a time; what they print appears below the
// cell that ran last, what they show in an [Area] there. An interrupt stops them.
//
// The widgets are those of ipywidgets 8, drawn by JupyterLab's widget manager, the package
// jupyterlab_widgets of Python, which JupyterLab needs beside it. Elsewhere their text is shown.
package widgets
