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
package plots
