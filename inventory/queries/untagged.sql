-- The definitions without a tag, whose key is given: @untagged tag=CostCenter
-- A tag with an empty value counts as a tag.
SELECT
    account_id,
    tags['region'] AS region,
    job_definition_name,
    job_definition_arn
FROM aws.sagemaker_model_quality_job_definition
WHERE NOT map_contains(tags, $tag)
ORDER BY ALL
