// Package plots draws measurements of parallel calls with gonum.org/v1/plot,
// for notebooks and for files, and sets them in tables:
//
//	ways := []plots.Measurement{
//		{Name: "serial map", Chunk: plots.Serial, Time: serial},
//		{Name: "one item per message", Chunk: 1, Time: each},
//		{Name: "the view's default", Chunk: plots.Default, Time: byDefault},
//	}
//	plots.Compare(ways, plots.Post())    // a table
//	plots.ChunkSizes(ways, plots.Post()) // time against chunk size
//	plots.Bars(ways, plots.Post())       // a bar for each way of calling
//
// What views say of their calls, and [parallel.View.Overhead] of a function, is drawn
// as it is:
//
//	plots.Timeline(view.Explain())            // what each engine did, and when
//	plots.Parts(plots.Call{Name: "here", Explanation: explain}) // where the time of calls went
//	plots.Overhead(overhead)                  // what the ways of calling f cost
//	plots.BreakEven(overheads...)             // from how much work on they pay
//
// Data of one's own takes a line, too, and gives a plot of gonum's that can be changed:
//
//	plots.Line(xs, ys)                   // also Scatter, Histogram, BarChart, Boxes, Heatmap
package plots
