"""Archives: any number of inputs, tagged in batches by any number of workers."""
