"""What a manager looks into: readings over time, by hour, by month of entry; the words and charts are the page's."""
