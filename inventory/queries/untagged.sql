-- The definitions without the tag that is given, as in @untagged tag=CostCenter. A tag with an
-- empty value counts as a tag.
SELECT
    split_part(job_definition_arn, ':', 5) AS account_id,
    region,
    job_definition_name,
    job_definition_arn
FROM aws.sagemaker.model_quality_job_definitions
WHERE NOT list_contains(tags->>'$[*].Key', $tag)
ORDER BY ALL
