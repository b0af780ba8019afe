"""The assessment's pages and JSON: the city, each department, every duty behind every figure, and the channels."""
