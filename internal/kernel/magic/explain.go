package magic

func init() {
	register(&definition{
		name: "explain", usage: "%explain", command: "explain",
		doc: "Explain the last call of any view: what ran where and why, where its time went, and from how much work on engines pay.",
	})
}
