"""Reports: figures, tables and the generated parts of the documentation."""
